import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../../../main/core/model/model-format-error.ts';
import { unpickle } from '../../../../main/core/nnunet/unpickle.ts';
import { makeCheckpoint, Pickle, tinyNetwork } from '../../../fixtures/make-checkpoint.ts';

const start = () => new Pickle().op(0x80, 2);
const done = (pickle: Pickle) => Uint8Array.from(pickle.op(0x2e).bytes);
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

describe('unpickle', () => {
  // Made by CPython 3.11: pickle.dumps(value, protocol).hex().
  const value = new Map<unknown, unknown>([
    ['a', [1, 300, 70000, -5, 2 ** 40, 1.5, null, true]],
    ['t', [1, [2, 3], 'é']],
  ]);
  it.each([
    [
      2,
      '80027d71002858010000006171015d7102284b014d2c014a701101004afbffffff8a06000000000001473ff80000000000004e88' +
        '6558010000007471034b014b024b038671045802000000c3a97105877106752e',
    ],
    [
      4,
      '80049542000000000000007d94288c0161945d94284b014d2c014a701101004afbffffff8a06000000000001473ff80000000000' +
        '004e88658c0174944b014b024b0386948c02c3a9948794752e',
    ],
  ])('reads protocol %i', (_, bytes) => {
    expect(unpickle(hex(bytes))).toEqual(value);
  });

  it('reads numpy scalars under their old and new names, either byte order', () => {
    for (const module of ['numpy.core.multiarray', 'numpy._core.multiarray']) {
      for (const [order, text] of [
        ['<', '\x00\x00\x00\x00\x00\x00\xf8\x3f'],
        ['>', '\x3f\xf8\x00\x00\x00\x00\x00\x00'],
      ] as const) {
        const pickle = start().global(module, 'scalar');
        pickle.global('numpy', 'dtype').op(0x28).text('f8').op(0x89, 0x88, 0x74, 0x52);
        pickle.op(0x28).int(3).text(order).op(0x4e, 0x4e, 0x4e).int(-1).int(-1).int(0).op(0x74, 0x62);
        pickle.global('_codecs', 'encode').op(0x28).text(text).text('latin1').op(0x74, 0x52);
        expect(unpickle(done(pickle.op(0x86, 0x52)))).toBe(1.5);
      }
    }
  });

  it.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['nt', 'system'],
    ['builtins', 'eval'],
    ['builtins', 'getattr'],
    ['subprocess', 'Popen'],
    ['torch.hub', 'load'],
    ['torch', 'load'],
    ['torch._utils', '_rebuild_wrapper_subclass'],
    ['collections', 'Counter'],
    ['toString', 'constructor'],
  ])('refuses %s.%s by name, however it is named', (module, name) => {
    const argument = new Pickle().text('touch /tmp/hacked').op(0x85).bytes;
    const byGlobal = start()
      .global(module, name)
      .op(...argument, 0x52);
    const byStack = start()
      .text(module)
      .text(name)
      .op(0x93, ...argument, 0x52);
    for (const pickle of [done(byGlobal), done(byStack)]) {
      expect(() => unpickle(pickle)).toThrow(ModelFormatError);
      expect(() => unpickle(pickle)).toThrow(`${module}.${name}`);
    }
  });

  it.each<[string, Pickle]>([
    ['INST', new Pickle().op(0x28, 0x69)],
    ['OBJ', start().op(0x28).global('collections', 'OrderedDict').op(0x6f)],
    ['NEWOBJ_EX', start().global('collections', 'OrderedDict').op(0x29, 0x7d, 0x92)],
    ['EXT1', start().op(0x82, 1)],
    ['a persistent id in text', start().op(0x50, 0x61, 0x0a)],
    ['a call of what may only be named', start().global('torch', 'FloatStorage').op(0x29, 0x52)],
    ['a call of a string', start().text('eval').op(0x29, 0x52)],
    ['the state of a class', start().global('torch', 'Size').op(0x7d, 0x62)],
    ['a storage that is none', start().text('module').op(0x85, 0x51)],
    ['protocol 0', new Pickle().op(0x80, 0)],
    ['an empty stack', start()],
    ['a mark as a value', start().op(0x28)],
    ['a memo that was not written', start().op(0x68, 9)],
    ['a text beyond the end', start().op(0x58, 0xff, 0xff, 0xff, 0x7f)],
    ['a text of 2^63 bytes', start().op(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80)],
    ['a huge number', start().op(0x8b, 0, 0, 0, 0x7f)],
  ])('refuses %s', (_, pickle) => {
    expect(() => unpickle(done(pickle))).toThrow(ModelFormatError);
  });

  it('refuses to copy one long text a million times', () => {
    const pickle = start()
      .text('x'.repeat(1 << 20))
      .op(0x71, 0);
    for (let i = 0; i < 100; i++) pickle.global('_codecs', 'encode').op(0x68, 0).op(0x85, 0x52);
    expect(() => unpickle(done(pickle))).toThrow(/copies too much/);
  });

  it('does not unfold lists of lists of lists', () => {
    // Each list holds the one before it ten times: 10^60 leaves, 60 objects.
    const pickle = start().op(0x5d, 0x71, 0);
    for (let i = 0; i < 60; i++) {
      pickle.op(0x30, 0x28);
      for (let j = 0; j < 10; j++) pickle.op(0x68, i);
      pickle.op(0x6c, 0x71, i + 1);
    }
    for (const [module, name] of [
      ['torch', 'device'],
      ['numpy', 'dtype'],
      ['torch', 'Size'],
    ] as const) {
      const call = new Pickle()
        .op(...pickle.bytes)
        .op(0x71, 99)
        .global(module, name)
        .op(0x68, 99, 0x85, 0x52);
      expect(() => unpickle(done(call))).not.toThrow();
    }
    const named = new Pickle().op(...pickle.bytes).op(0x68, 60, 0x93);
    expect(() => unpickle(done(named))).toThrow(ModelFormatError);
  });

  it('either reads or refuses a damaged pickle, and never anything else', () => {
    const files = unzipSync(makeCheckpoint({ weights: tinyNetwork().weights, mirrorAxes: [0, 1, 2] }));
    const bytes = files['checkpoint_final/data.pkl']!;
    const flip = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 3 }), fc.nat(bytes.length), (flips, cut) => {
        const damaged = bytes.slice(0, cut % 3 === 0 ? cut : undefined);
        for (const [at, mask] of flips) if (at < damaged.length) damaged[at] = damaged[at]! ^ mask;
        try {
          unpickle(damaged);
        } catch (error) {
          if (!(error instanceof ModelFormatError)) throw error;
        }
      }),
      { numRuns: 3000, seed: 11 },
    );
  });
});
