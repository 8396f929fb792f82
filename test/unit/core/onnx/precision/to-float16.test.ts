import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  makeFloatTensor,
  makeInt64Tensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../../../../main/core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../../../../../main/core/onnx/onnx-format-error.ts';
import { toFloat16 } from '../../../../../main/core/onnx/precision/to-float16.ts';
import { dataType } from '../../../../../main/core/onnx/proto.ts';
import { splitHead } from '../../../../../main/core/onnx/split-head.ts';
import { ranksByFactor } from '../../../../../main/core/tucker/choose-ranks.ts';
import { compressModel } from '../../../../../main/core/tucker/compress-model.ts';
import { readModel } from '../../../../../main/services/read-model.ts';
import { createRandom } from '../../../../fixtures/random.ts';
import { readNpy } from '../../../../fixtures/read-npy.ts';
import { difference, runOnnx } from '../../../../fixtures/run-onnx.ts';
import { describeShared, sharedData } from '../../../../shared-data.ts';

const size = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

function noise(dims: readonly number[], seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: size(dims) }, () => 2 * random() - 1);
}

/** He's scale keeps activations about 1 through any number of layers. */
const weight = (name: string, dims: readonly number[], seed: number) =>
  makeFloatTensor(
    name,
    dims,
    noise(dims, seed).map((value) => value * Math.sqrt(6 / size(dims.slice(1)))),
  );

const cubes = (n: number, k = 3) => Array<number>(k).fill(n);

/** An encoder, a decoder with a skip, a residual sum, norms, and a 1×1×1 head. */
function smallUNet(change: { readonly firstWeight?: number } = {}): OnnxModel {
  const padded = { kernel_shape: cubes(3), pads: cubes(1, 6) };
  const w0 = noise([8, 1, 3, 3, 3], 1).map((value) => value * 0.4);
  if (change.firstWeight !== undefined) w0[5] = change.firstWeight;
  const affine = ['n'].flatMap((name) => [
    makeFloatTensor(`${name}.scale`, [8], new Float32Array(8).fill(1)),
    makeFloatTensor(`${name}.shift`, [8], new Float32Array(8).fill(0.1)),
  ]);
  return makeModel({
    name: 'u-net',
    nodes: [
      makeNode('Conv', ['image', 'w0', 'b0'], ['c0'], padded),
      makeNode('InstanceNormalization', ['c0', 'n.scale', 'n.shift'], ['n0']),
      makeNode('LeakyRelu', ['n0'], ['skip'], { alpha: { float: 0.01 } }),
      makeNode('Conv', ['skip', 'w1'], ['c1'], { ...padded, strides: cubes(2) }),
      makeNode('InstanceNormalization', ['c1', 'n.scale', 'n.shift'], ['n1']),
      makeNode('Add', ['n1', 'c1'], ['sum']),
      makeNode('ConvTranspose', ['sum', 'w2', 'b0'], ['up'], { kernel_shape: cubes(2), strides: cubes(2) }),
      makeNode('Concat', ['up', 'skip'], ['both'], { axis: 1 }),
      makeNode('Conv', ['both', 'w3', 'b0'], ['features'], padded),
      makeNode('Conv', ['features', 'head', 'headBias'], ['logits']),
    ],
    initializers: [
      makeFloatTensor('w0', [8, 1, 3, 3, 3], w0),
      makeFloatTensor('b0', [8], noise([8], 2)),
      weight('w1', [8, 8, 3, 3, 3], 3),
      makeFloatTensor('w2', [8, 8, 2, 2, 2], noise([8, 8, 2, 2, 2], 4)),
      weight('w3', [8, 16, 3, 3, 3], 5),
      weight('head', [4, 8, 1, 1, 1], 6),
      makeFloatTensor('headBias', [4], noise([4], 7)),
      ...affine,
    ],
    inputs: [makeValueInfo('image', [1, 1, 'D', 'H', 'W'])],
    outputs: [makeValueInfo('logits', [1, 4, 'D', 'H', 'W'])],
  });
}

const shape = [1, 1, 16, 16, 16];
const opTypes = (model: OnnxModel) => model.graph.nodes.map(({ opType }) => opType);
const typeOf = (model: OnnxModel, name: string) =>
  model.graph.initializers.find((tensor) => tensor.name === name)?.dataType;

/** Of the largest logit, and the share of voxels with another label. */
function compare(half: Float32Array, full: Float32Array, classes: number) {
  const largest = full.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const voxels = full.length / classes;
  const label = (logits: Float32Array, voxel: number) => {
    let best = 0;
    for (let k = 1; k < classes; k++)
      if (logits[k * voxels + voxel] > logits[best * voxels + voxel]) best = k;
    return best;
  };
  let differing = 0;
  for (let voxel = 0; voxel < voxels; voxel++) if (label(half, voxel) !== label(full, voxel)) differing++;
  const { maxAbs, rmse } = difference(half, full);
  return { maxAbs, relative: maxAbs / largest, rmse, agreement: 1 - differing / voxels };
}

async function compareRuns(model: OnnxModel, input: Float32Array, dims: readonly number[], classes: number) {
  const full = await runOnnx(writeOnnx(model), input, dims);
  const half = await runOnnx(writeOnnx(toFloat16(model)), input, dims);
  return compare(half, full, classes);
}

describe('a network in float16', () => {
  const model = smallUNet();
  const half = toFloat16(model);

  it('takes and gives float32, and gives nearly the same', async () => {
    for (const { type } of [...half.graph.inputs, ...half.graph.outputs])
      expect(type?.tensorType?.elemType).toBe(dataType.float);
    // Weights of five layers rounded to 11 bits, some 2^-11 each of the largest value; the CPU computes in float32.
    const { relative, agreement } = await compareRuns(model, noise(shape, 8), shape, 4);
    expect(relative).toBeGreaterThan(1e-6);
    expect(relative).toBeLessThan(5e-3);
    expect(agreement).toBeGreaterThan(0.99);
  });

  it('keeps norms and the head in float32, and casts each value once', () => {
    expect(typeOf(half, 'n.scale')).toBe(dataType.float);
    expect(typeOf(half, 'head')).toBe(dataType.float);
    for (const name of ['w0', 'w1', 'w2', 'w3', 'b0']) {
      expect(typeOf(half, name)).toBeUndefined();
      expect(typeOf(half, `${name}.float16`)).toBe(dataType.float16);
    }
    // image; c0 and n0, c1 and n1; features.
    expect(opTypes(half).filter((name) => name === 'Cast')).toHaveLength(6);
  });

  it('is half as large and can be measured', () => {
    const weights = (each: OnnxModel) =>
      each.graph.initializers.reduce((sum, tensor) => sum + (tensor.rawData?.length ?? 0), 0);
    expect(weights(half) / weights(model)).toBeLessThan(0.52);
    const costs = [model, half].map((each) => measureCost(each, { image: shape }));
    expect(costs[1].parameters).toBe(costs[0].parameters);
    expect(costs[1].macs).toBe(costs[0].macs);
    expect(costs[1].peakBytes).toBeLessThan(costs[0].peakBytes);
  });

  it('reads and writes as a file, and is stable when made again', () => {
    const bytes = writeOnnx(half);
    expect(writeOnnx(toFloat16(readOnnx(bytes)))).toEqual(bytes);
    expect(writeOnnx(toFloat16(readOnnx(writeOnnx(model))))).toEqual(bytes);
  });

  it('still has a head that can be taken off', async () => {
    const split = splitHead(half)!;
    expect([split.classes, split.features]).toEqual([4, 8]);
    const features = await runOnnx(writeOnnx(split.body), noise(shape, 8), shape);
    expect(features).toHaveLength(8 * 16 ** 3);
  });

  it('follows Tucker forms', async () => {
    const recipe = { ranks: ranksByFactor(0.5, 4), paperForm: true };
    const [variant] = await compressModel(model, [recipe], { inputShapes: { image: shape } });
    const { relative } = await compareRuns(variant.model, noise(shape, 8), shape, 4);
    expect(relative).toBeLessThan(5e-3);
  });

  it('takes products with weights of what fits, and no others', () => {
    const tokens = makeModel({
      name: 'tokens',
      nodes: [
        makeNode('LayerNormalization', ['x', 'scale'], ['n']),
        makeNode('MatMul', ['n', 'w1'], ['h']),
        makeNode('MatMul', ['h', 'h'], ['attention']),
        makeNode('Mul', ['attention', 'h'], ['scaled']),
        makeNode('MatMul', ['scaled', 'w2'], ['y']),
        makeNode('Identity', ['y'], ['out']),
      ],
      initializers: [weight('scale', [4], 1), weight('w1', [4, 4], 2), weight('w2', [4, 4], 3)],
      inputs: [makeValueInfo('x', [1, 4, 4])],
      outputs: [makeValueInfo('out', [1, 4, 4])],
    });
    const { initializers } = toFloat16(tokens).graph;
    expect(initializers.map(({ name, dataType: kind }) => [name, kind])).toEqual([
      ['scale', dataType.float],
      ['w2', dataType.float],
      ['w1.float16', dataType.float16],
    ]);
  });

  it('leaves sizes whole numbers, and settings in float32', async () => {
    const resized = makeModel({
      name: 'resized',
      nodes: [
        makeNode('Conv', ['image', 'w'], ['c']),
        makeNode('Shape', ['c'], ['all']),
        makeNode('Slice', ['all', 'from', 'to'], ['space']),
        makeNode('Concat', ['channels', 'space'], ['sizes'], { axis: 0 }),
        makeNode('Resize', ['c', '', 'scales'], ['large'], { mode: 'nearest' }),
        makeNode('MaxPool', ['large'], ['pooled'], { kernel_shape: cubes(2), strides: cubes(2) }),
        makeNode('Reshape', ['pooled', 'sizes'], ['same']),
        makeNode('Conv', ['same', 'h'], ['logits']),
      ],
      initializers: [
        weight('w', [3, 1, 1, 1, 1], 1),
        weight('h', [2, 3, 1, 1, 1], 2),
        makeInt64Tensor('from', [1], [2]),
        makeInt64Tensor('to', [1], [5]),
        makeInt64Tensor('channels', [2], [1, 3]),
        makeFloatTensor('scales', [5], Float32Array.of(1, 1, 2, 2, 2)),
      ],
      inputs: [makeValueInfo('image', [1, 1, 'D', 'H', 'W'])],
      outputs: [makeValueInfo('logits', [1, 2, 'D', 'H', 'W'])],
    });
    const { relative } = await compareRuns(resized, noise(shape, 3), shape, 2);
    expect(relative).toBeLessThan(5e-3);
    expect(typeOf(toFloat16(resized), 'scales')).toBe(dataType.float);
  });

  it('refuses weights that float16 does not hold, by name', () => {
    for (const [firstWeight, words] of [
      [1e5, /"w0.*too large for float16/],
      [-65520, /"w0.*too large for float16/],
      [NaN, /"w0" are not finite/],
    ] as const) {
      const convert = () => toFloat16(smallUNet({ firstWeight }));
      expect(convert).toThrow(OnnxFormatError);
      expect(convert).toThrow(words);
    }
    expect(() => toFloat16(smallUNet({ firstWeight: 65504 }))).not.toThrow();
  });

  it('refuses weights in another file that it cannot read', () => {
    const { graph } = model;
    const external = graph.initializers.map((tensor) =>
      tensor.name === 'w1'
        ? {
            ...tensor,
            rawData: undefined,
            dataLocation: 1,
            externalData: [{ key: 'location', value: 'w.bin' }],
          }
        : tensor,
    );
    const elsewhere = { ...model, graph: { ...graph, initializers: external } };
    expect(() => toFloat16(elsewhere)).toThrow(/w\.bin/);
    const stored = graph.initializers.find(({ name }) => name === 'w1')?.rawData ?? new Uint8Array();
    expect(writeOnnx(toFloat16(elsewhere, () => stored))).toEqual(writeOnnx(half));
  });

  it('refuses control flow', () => {
    const branch = makeNode('If', ['c0'], ['x']);
    const attribute = { name: 'then_branch', g: model.graph, floats: [], ints: [], strings: [] };
    const nodes = [...model.graph.nodes, { ...branch, attributes: [attribute] }];
    expect(() => toFloat16({ ...model, graph: { ...model.graph, nodes } })).toThrow(/If "x"/);
  });
});

describeShared('real networks in float16', () => {
  const readShared = (path: string) => readNpy(join(sharedData, path));

  // Tolerances of the fixtures for engines that compute in float16.
  it.each([
    ['plain U-Net', 'nnunet-model-old-plans', 5],
    ['residual U-Net', 'nnunet-model-new-plans', 3],
  ])('%s: within the tolerance of the reference', { timeout: 60_000 }, async (_, folder, classes) => {
    const golden = `golden/${folder}`;
    const { networks } = await readModel(join(sharedData, golden));
    const input = readShared(`${golden}/expected/network_input.npy`);
    const wanted = readShared(`${golden}/expected/network_logits.npy`);
    const json = readFileSync(join(sharedData, golden, 'expected/network_logits.json'), 'utf8');
    const { tolerance } = JSON.parse(json);
    const half = writeOnnx(toFloat16(readOnnx(networks[0])));
    expect(half.length / networks[0].length).toBeLessThan(0.6);
    const logits = await runOnnx(half, input.data as Float32Array, input.shape);
    const { maxAbs, rmse, agreement } = compare(logits, wanted.data as Float32Array, classes);
    expect(maxAbs).toBeLessThan(tolerance.float16_engine.max_abs);
    expect(rmse).toBeLessThan(tolerance.float16_engine.rmse);
    if (classes === 5) expect(agreement).toBeGreaterThan(0.99);
  });

  it.each([
    ['model5_gw_ae', 3],
    ['model30chan18cls', 18],
  ])('MeshNet %s: nearly the same labels', { timeout: 60_000 }, async (name, classes) => {
    const bytes = readFileSync(join(sharedData, `models/meshnet/${name}.onnx`));
    const dims = [1, 1, 32, 32, 32];
    const input = noise(dims, 4).map(Math.abs);
    const { relative, agreement } = await compareRuns(readOnnx(bytes), input, dims, classes);
    expect(relative).toBeLessThan(1e-2);
    expect(agreement).toBeGreaterThan(0.99);
  });
});
