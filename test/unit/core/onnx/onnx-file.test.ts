import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  makeFloatTensor,
  makeInt64Tensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../../../main/core/onnx/measure-cost.ts';
import { OnnxFormatError } from '../../../../main/core/onnx/onnx-format-error.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import { encodeVarint, readFields, readVarint } from '../../../../main/core/onnx/wire.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

const text = new TextEncoder();

function smallModel(): OnnxModel {
  return makeModel({
    name: 'small',
    nodes: [
      makeNode('Conv', ['x', 'w', 'b'], ['y'], { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] }),
      makeNode('LeakyRelu', ['y'], ['z'], { alpha: { float: 0.01 } }),
      makeNode('Slice', ['z', 'starts', 'ends'], ['out']),
    ],
    initializers: [
      makeFloatTensor('w', [2, 1, 3, 3, 3], new Float32Array(54).fill(0.5)),
      makeFloatTensor('b', [2], Float32Array.of(1, 2)),
      makeInt64Tensor('starts', [1], [0]),
      makeInt64Tensor('ends', [1], [5]),
    ],
    inputs: [makeValueInfo('x', [1, 1, 'D', 'H', 'W'])],
    outputs: [makeValueInfo('out', [1, 2, 'D', 'H', 'W'])],
  });
}

/** Field 999 (unknown to everyone), wire type 2. */
function unknownField(content: string): Uint8Array {
  const bytes = text.encode(content);
  return Uint8Array.from([...encodeVarint(BigInt(999 * 8 + 2)), bytes.length, ...bytes]);
}

describe('ONNX files', () => {
  it('reads back what it writes', () => {
    const bytes = writeOnnx(smallModel());
    const { graph, opsetImports } = readOnnx(bytes);
    expect(opsetImports.map(({ version }) => version)).toEqual([17]);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Conv', 'LeakyRelu', 'Slice']);
    expect(graph.nodes[0]?.attributes.map(({ name, ints }) => [name, ints])).toEqual([
      ['kernel_shape', [3, 3, 3]],
      ['pads', [1, 1, 1, 1, 1, 1]],
    ]);
    expect(graph.nodes[1]?.attributes[0]?.f).toBe(Math.fround(0.01));
    expect(graph.inputs[0]?.type?.tensorType?.shape?.dims.map(({ value, param }) => value ?? param)).toEqual([
      1,
      1,
      'D',
      'H',
      'W',
    ]);
  });

  it('writes a file that it has only read byte for byte, odd encodings and unknown fields included', () => {
    const bytes = writeOnnx(smallModel());
    // ir_version once more, as a varint of three bytes where one would do; then two unknown fields.
    const odd = Uint8Array.from([
      ...bytes,
      0x08,
      0x88,
      0x80,
      0x00,
      ...unknownField('one'),
      ...unknownField('two'),
    ]);
    expect(writeOnnx(readOnnx(odd))).toEqual(odd);
  });

  it('keeps unknown fields and untouched parts of a file that it edits', () => {
    const model = readOnnx(Uint8Array.from([...writeOnnx(smallModel()), ...unknownField('kept')]));
    const [conv, ...others] = model.graph.nodes;
    const strange = { ...conv!, unknownFields: [unknownField('of the node')], name: 'renamed' };
    const edited = writeOnnx({ ...model, graph: { ...model.graph, nodes: [strange, ...others] } });
    const again = readOnnx(edited);
    expect(again.unknownFields).toEqual([unknownField('kept')]);
    expect(again.graph.nodes[0]?.name).toBe('renamed');
    expect(again.graph.nodes[0]?.unknownFields).toEqual([unknownField('of the node')]);
    expect(again.graph.nodes.slice(1)).toEqual(others);
    expect(again.graph.initializers).toEqual(model.graph.initializers);
  });

  it('writes INT64_MAX, which a double cannot hold, as INT64_MAX', () => {
    const node = makeNode('Slice', ['x'], ['y'], { ends: [2 ** 63, -1] });
    const model = smallModel();
    const bytes = writeOnnx({ ...model, graph: { ...model.graph, nodes: [node] } });
    const max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    expect(Buffer.from(bytes).includes(Buffer.from(max))).toBe(true);
    expect(readOnnx(bytes).graph.nodes[0]?.attributes[0]?.ints).toEqual([2 ** 63, -1]);
  });

  it('refuses lengths beyond the end, numbers without end, groups and files without a graph', () => {
    for (const bytes of [
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x08, ...new Array<number>(11).fill(0x80)],
      [0x3b, 0x3c],
      [0x08, 0x08],
      [],
    ])
      expect(() => readOnnx(Uint8Array.from(bytes))).toThrow(OnnxFormatError);
  });

  it('refuses graphs nested without end', () => {
    const wrap = (tag: number, inner: Uint8Array) =>
      Uint8Array.from([tag, ...encodeVarint(BigInt(inner.length)), ...inner]);
    let graph = new Uint8Array();
    // graph.node(1) → node.attribute(5) → attribute.g(6)
    for (let i = 0; i < 200; i++) graph = wrap(0x0a, wrap(0x2a, wrap(0x32, graph)));
    expect(() => readOnnx(wrap(0x3a, graph))).toThrow(/nested too deeply/);
  });

  it('either reads or refuses a file with flipped bytes, and never anything else', () => {
    const bytes = writeOnnx(smallModel());
    const flip = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 4 }), fc.nat(bytes.length), (flips, cut) => {
        const damaged = bytes.slice(0, cut === 0 ? undefined : cut);
        for (const [at, mask] of flips) if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ mask;
        try {
          const model = readOnnx(damaged);
          expect(writeOnnx(model)).toEqual(damaged);
          measureCost(model, { x: [1, 1, 8, 8, 8] });
        } catch (error) {
          if (!(error instanceof OnnxFormatError)) throw error;
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
  });
});

describe('varints', () => {
  it('round-trips every 64-bit number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const bytes = encodeVarint(value);
        const at = { offset: 0 };
        expect(readVarint(bytes, at)).toBe(value);
        expect(at.offset).toBe(bytes.length);
      }),
      { seed: 3 },
    );
  });

  it('cuts any message into fields that make up all of it', () => {
    const bytes = writeOnnx(smallModel());
    expect(Buffer.concat([...readFields(bytes)].map(({ raw }) => raw))).toEqual(Buffer.from(bytes));
  });
});

describeShared('MeshNet files', () => {
  const folder = join(sharedData, 'models/meshnet');
  // The parameter counts are those of the table in that folder's README.
  const parameters: Record<string, number> = {
    'model5_gw_ae.onnx': 5598,
    'model11_gw_ae.onnx': 23290,
    'model20chan3cls.onnx': 87183,
    'model18cls.onnx': 96408,
    'model30chan18cls.onnx': 196038,
    'model30chan50cls.onnx': 197030,
    'model21_104class.onnx': 86372,
  };

  // Read in the test: a suite that is skipped is gathered all the same, also where there is no such folder.
  it('are those of the table', () => {
    const found = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
    expect(found.toSorted()).toEqual(Object.keys(parameters).toSorted());
  });

  it.each(Object.keys(parameters))('%s: same bytes, same parameters', (name) => {
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    const model = readOnnx(bytes);
    expect(Buffer.from(writeOnnx(model)).equals(bytes)).toBe(true);
    // Forced through our own encoder, part by part, the fields come out in the file's order and encoding too.
    const rebuilt = writeOnnx(structuredClone(model));
    expect(readOnnx(rebuilt)).toEqual(model);
    const cost = measureCost(model, { image: [1, 1, 64, 64, 64] });
    expect(cost.parameters).toBe(parameters[name]);
    // Every weight that is not a bias is used once a voxel: "same" padding and stride 1 throughout.
    const biases = model.graph.initializers.filter(({ dims }) => dims.length === 1);
    const biasCount = biases.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0);
    expect(cost.macs).toBe((cost.parameters - biasCount) * 64 ** 3);
  });
});
