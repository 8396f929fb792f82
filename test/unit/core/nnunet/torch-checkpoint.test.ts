import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../../../main/core/model/model-format-error.ts';
import { TorchStorage, TorchTensor } from '../../../../main/core/nnunet/pickle-values.ts';
import { readCheckpoint } from '../../../../main/core/nnunet/torch-checkpoint.ts';
import { makeCheckpoint, Pickle, tinyNetwork, weightValues } from '../../../fixtures/make-checkpoint.ts';
import { zipSource } from '../../../fixtures/zip-source.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

const { weights } = tinyNetwork();

describe('torch checkpoints', () => {
  it('gives the weights by name, and reads none before it is asked to', async () => {
    const zip = zipSource(makeCheckpoint({ weights, mirrorAxes: [0, 2] }));
    const checkpoint = await readCheckpoint(zip);
    expect(checkpoint.trainerName).toBe('nnUNetTrainer');
    expect(checkpoint.configuration).toBe('3d_fullres');
    expect(checkpoint.mirrorAxes).toEqual([0, 2]);
    expect([...checkpoint.weights.keys()]).toEqual(weights.map(({ name }) => name));
    expect(zip.readNames).toEqual(['checkpoint_final/data.pkl']);
    const tensor = checkpoint.weights.get(weights[1]!.name)!;
    expect(await checkpoint.load(tensor)).toEqual(weightValues(1, 4));
  });

  it('drops the prefixes of distributed and compiled training', async () => {
    const wrapped = weights.map(({ name, shape }) => ({ name: `module._orig_mod.${name}`, shape }));
    const checkpoint = await readCheckpoint(zipSource(makeCheckpoint({ weights: wrapped })));
    expect([...checkpoint.weights.keys()]).toEqual(weights.map(({ name }) => name));
  });

  it('reads every floating-point type, offsets and strides', async () => {
    const empty = unzipSync(makeCheckpoint({ weights: [] }));
    const bytes = (data: { buffer: ArrayBufferLike }) => new Uint8Array(data.buffer as ArrayBuffer);
    const zip = zipSync({
      ...empty,
      'checkpoint_final/data/float': bytes(Float32Array.of(0, 1, 2, 3, 4, 5, 6)),
      'checkpoint_final/data/double': bytes(Float64Array.of(0.5, -0.25)),
      'checkpoint_final/data/half': bytes(Uint16Array.of(0x3c00, 0xc000)),
      'checkpoint_final/data/bfloat': bytes(Uint16Array.of(0x3f80, 0xc000)),
      'checkpoint_final/byteorder': strToU8('little'),
    });
    const { load } = await readCheckpoint(zipSource(zip));
    const tensor = (
      key: string,
      type: string,
      elements: number,
      offset: number,
      shape: number[],
      strides: number[],
    ) =>
      load(new TorchTensor(new TorchStorage(key, `torch.${type}Storage`, elements), offset, shape, strides));
    expect([...(await tensor('float', 'Float', 7, 1, [2, 3], [3, 1]))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(await tensor('float', 'Float', 7, 1, [3, 2], [1, 3]))]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...(await tensor('float', 'Float', 7, 2, [2, 2], [0, 1]))]).toEqual([2, 3, 2, 3]);
    expect([...(await tensor('float', 'Float', 7, 6, [], []))]).toEqual([6]);
    expect([...(await tensor('double', 'Double', 2, 0, [2], [1]))]).toEqual([0.5, -0.25]);
    expect([...(await tensor('half', 'Half', 2, 0, [2], [1]))]).toEqual([1, -2]);
    expect([...(await tensor('bfloat', 'BFloat16', 2, 0, [2], [1]))]).toEqual([1, -2]);
    for (const [type, elements, offset, shape] of [
      ['Float', 7, 1, [7]],
      ['Float', 8, 0, [7]],
      ['Float', 7, 0, [2 ** 31, 2 ** 31]],
      ['Long', 7, 0, [7]],
    ] as const)
      await expect(
        tensor(
          'float',
          type,
          elements,
          offset,
          [...shape],
          shape.map(() => 1),
        ),
      ).rejects.toThrow(ModelFormatError);
    await expect(tensor('gone', 'Float', 1, 0, [1], [1])).rejects.toThrow(/data\/gone is missing/);
  });

  it.each<[string, RegExp, () => Uint8Array]>([
    [
      'os.system',
      /os\.system, which is not allowed/,
      () => {
        const attack = new Pickle().global('os', 'system').text('touch /tmp/hacked').op(0x85, 0x52);
        return makeCheckpoint({ weights, extra: Uint8Array.from(attack.bytes) });
      },
    ],
    [
      'mirroring of a fourth axis',
      /axes that do not exist/,
      () => makeCheckpoint({ weights, mirrorAxes: [3] }),
    ],
    ['a zip without a pickle', /no data.pkl/, () => zipSync({ 'a.txt': strToU8('a') })],
    [
      'big-endian numbers',
      /byte order "big"/,
      () =>
        zipSync({ ...unzipSync(makeCheckpoint({ weights })), 'checkpoint_final/byteorder': strToU8('big') }),
    ],
    [
      'a pickle of a list',
      /not a dictionary/,
      () => zipSync({ 'x/data.pkl': Uint8Array.of(0x80, 2, 0x5d, 0x2e) }),
    ],
    [
      'a foreign dictionary',
      /not written by nnU-Net/,
      () => zipSync({ 'x/data.pkl': Uint8Array.of(0x80, 2, 0x7d, 0x2e) }),
    ],
  ])('refuses %s', async (_, message, make) => {
    const reading = readCheckpoint(zipSource(make()));
    await expect(reading).rejects.toThrow(ModelFormatError);
    await expect(reading).rejects.toThrow(message);
  });

  it('refuses a description of itself that is absurdly long without reading it', async () => {
    const read = () => Promise.reject(new Error('must not be read'));
    const zip = { entries: [{ name: 'x/data.pkl', sizeBytes: 2 ** 40 }], read };
    await expect(readCheckpoint(zip)).rejects.toThrow(/which is too much/);
  });
});

describeShared('golden checkpoints', () => {
  it.each(['nnunet-model-old-plans', 'nnunet-model-new-plans'])(
    '%s: every tensor as torch reads it',
    async (name) => {
      const folder = join(sharedData, 'golden', name);
      const zip = zipSource(readFileSync(join(folder, 'fold_0/checkpoint_final.pth')));
      const inventory = JSON.parse(readFileSync(join(folder, 'expected/checkpoint_inventory.json'), 'utf8'));
      const { weights: found, load, ...rest } = await readCheckpoint(zip);
      expect(rest.trainerName).toBe(inventory.trainer_name);
      expect(rest.configuration).toBe(inventory.configuration);
      expect(rest.mirrorAxes).toEqual(inventory.inference_allowed_mirroring_axes);
      expect([...found.keys()]).toEqual(Object.keys(inventory.network_weights));
      for (const [key, expected] of Object.entries<Record<string, unknown>>(inventory.network_weights)) {
        const tensor = found.get(key)!;
        expect([key, tensor.shape, tensor.strides, tensor.offset]).toEqual([
          key,
          expected['shape'],
          expected['strides'],
          expected['storage_offset'],
        ]);
        const floats = await load(tensor);
        expect([key, createHash('sha256').update(floats).digest('hex')]).toEqual([
          key,
          expected['sha256_f32le'],
        ]);
        const alias = expected['same_storage_as'];
        if (alias) expect(found.get(alias as string)!.storage.key).toBe(tensor.storage.key);
      }
    },
  );
});
