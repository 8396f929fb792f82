import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildFold, describeNnunet } from '../../../../main/core/nnunet/read-nnunet.ts';
import { readCheckpoint } from '../../../../main/core/nnunet/torch-checkpoint.ts';
import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../../../main/core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import { compressModel } from '../../../../main/core/tucker/compress-model.ts';
import { readNpy } from '../../../fixtures/read-npy.ts';
import { difference, runOnnx } from '../../../fixtures/run-onnx.ts';
import { zipSource } from '../../../fixtures/zip-source.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';
import { compressOne, fullRank, gap, network, oneLayer, randomTensor } from './layer-networks.ts';

describe('a layer at full rank', () => {
  // Three float32 products in the place of one: 1e-5 leaves a margin of ten.
  const near = 1e-5;
  const odd = [7, 6, 9];

  it.each<[string, OnnxModel, readonly number[]]>([
    ['padding', oneLayer('Conv', [5, 4, 3, 3, 3], { pads: [1, 1, 1, 1, 1, 1] }), odd],
    ['no bias', oneLayer('Conv', [5, 4, 3, 3, 3], {}, false), odd],
    [
      'stride and uneven padding',
      oneLayer('Conv', [5, 4, 3, 1, 2], { strides: [2, 1, 3], pads: [1, 0, 2, 0, 1, 1] }),
      odd,
    ],
    ['dilation', oneLayer('Conv', [6, 9, 3, 3, 3], { dilations: [2, 3, 1], pads: [2, 3, 1, 2, 3, 1] }), odd],
    ['2D', oneLayer('Conv', [6, 3, 3, 5], { pads: [1, 2, 1, 2] }), [8, 9]],
    ['1D', oneLayer('Conv', [6, 3, 3]), [11]],
    [
      'automatic padding',
      oneLayer('Conv', [6, 3, 2, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
      [8, 9],
    ],
    ['one tap with stride', oneLayer('Conv', [6, 9, 1, 1, 1], { strides: [2, 2, 2] }), odd],
    ['one channel in', oneLayer('Conv', [6, 1, 3, 3, 3]), odd],
    ['one channel out', oneLayer('Conv', [1, 5, 3, 3, 3]), odd],
    ['transposed, kernel = stride', oneLayer('ConvTranspose', [6, 4, 2, 2, 2], { strides: [2, 2, 2] }), odd],
    [
      'transposed, everything',
      oneLayer('ConvTranspose', [4, 7, 3, 3], {
        strides: [2, 3],
        pads: [1, 0, 1, 1],
        output_padding: [1, 2],
        dilations: [2, 1],
      }),
      [5, 6],
    ],
  ])('gives the same output: %s', async (_name, model, size) => {
    for (const paperForm of [true, false]) {
      const result = await compressOne(model, size, fullRank, paperForm);
      expect(result.layers).toHaveLength(1);
      expect(result.layers[0].skippedReason).toBeUndefined();
      const { shape } = result;
      expect(await gap(model, result.model, shape)).toBeLessThan(near);
      const { before, after } = result.layers[0];
      expect(measureCost(model, { x: shape })).toMatchObject(before);
      expect(measureCost(result.model, { x: shape })).toMatchObject(after);
    }
  });

  it('gives the same output for any convolution', async () => {
    const small = fc.integer({ min: 1, max: 3 });
    const channels = fc.integer({ min: 1, max: 9 });
    const pair = fc.tuple(small, small);
    const check = async (
      inputs: number,
      outputs: number,
      kernel: number[],
      strides: number[],
      dilations: number[],
    ) => {
      const pads = kernel.flatMap((size) => [size - 1, size - 1]);
      const model = oneLayer('Conv', [outputs, inputs, ...kernel], { strides, dilations, pads });
      const result = await compressOne(model, [8, 7]);
      expect(await gap(model, result.model, result.shape)).toBeLessThan(near);
    };
    await fc.assert(fc.asyncProperty(channels, channels, pair, pair, pair, check), { seed: 3, numRuns: 25 });
  });

  it('gives the same output for matrix products', async () => {
    const model = makeModel({
      name: 'perceptron',
      nodes: [
        makeNode('MatMul', ['x', 'w1'], ['h1']),
        makeNode('Relu', ['h1'], ['h2']),
        makeNode('Gemm', ['h2', 'w2', 'b2'], ['h3'], { alpha: { float: 0.5 }, beta: { float: 2 } }),
        makeNode('Gemm', ['h3', 'w3', 'b3'], ['h4'], { transB: 1 }),
        makeNode('Gemm', ['h4', 'w4'], ['y'], { transA: 1 }),
      ],
      initializers: [
        randomTensor('w1', [9, 6], 1),
        randomTensor('w2', [6, 12], 2),
        randomTensor('b2', [1], 3),
        randomTensor('w3', [5, 12], 4),
        randomTensor('b3', [5], 5),
        randomTensor('w4', [4, 3], 6),
      ],
      inputs: [makeValueInfo('x', [4, 9])],
      outputs: [makeValueInfo('y', [5, 3])],
    });
    const [variant] = await compressModel(model, [{ ranks: fullRank }], { inputShapes: { x: [4, 9] } });
    expect(variant.layers.map(({ kind, ranks }) => [kind, ranks?.in])).toEqual([
      ['MatMul', 6],
      ['Gemm', 6],
      ['Gemm', 5],
      ['Gemm', 3],
    ]);
    expect(await gap(model, variant.model, [4, 9])).toBeLessThan(near);
    const macs = variant.layers.reduce((sum, { after }) => sum + (after.macs ?? NaN), 0);
    expect(measureCost(variant.model, { x: [4, 9] }).macs).toBe(macs);
  });
});

const golden = join(sharedData, 'golden');

describeShared('golden layers', () => {
  it.each(['conv', 'convT'] as const)('gives the outputs of the reference: %s', async (name) => {
    const load = (part: string) => readNpy(join(golden, 'tucker', `layer_${name}_${part}.npy`));
    const weight = load('weight');
    const facts = JSON.parse(readFileSync(join(golden, 'tucker', `layer_${name}_weight.json`), 'utf8'));
    const { stride, padding, rank_in, rank_out } = facts;
    const bias = load('bias');
    const input = load('input');
    const model = network(
      [
        makeNode(name === 'conv' ? 'Conv' : 'ConvTranspose', ['x', 'w', 'b'], ['y'], {
          strides: stride,
          pads: [...padding, ...padding],
        }),
      ],
      [
        makeFloatTensor('w', weight.shape, weight.data as Float32Array),
        makeFloatTensor('b', bias.shape, bias.data as Float32Array),
      ],
      input.shape[1],
    );
    const run = (each: OnnxModel) => runOnnx(writeOnnx(each), input.data as Float32Array, input.shape);
    expect(difference(await run(model), load('output_original').data).maxAbs).toBeLessThan(1e-4);
    const [variant] = await compressModel(model, [{ ranks: () => ({ in: rank_in, out: rank_out }) }], {
      inputShapes: { x: input.shape },
    });
    const theirs = load('output_tucker').data as Float32Array;
    const norm = Math.sqrt(theirs.reduce((sum, value) => sum + value * value, 0) / theirs.length);
    // The sidecar's relative_l2.
    expect(difference(await run(variant.model), theirs).rmse / norm).toBeLessThan(0.002);
  });
});

async function nnunetFold(folder: string): Promise<OnnxModel> {
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const description = describeNnunet(json('plans.json'), json('dataset.json'), '3d_fullres');
  const checkpoint = readFileSync(join(folder, 'fold_0/checkpoint_final.pth'));
  return buildFold(description, await readCheckpoint(zipSource(checkpoint)));
}

describeShared('real networks at full rank', () => {
  it.each(['model5_gw_ae', 'model18cls', 'model30chan18cls'])('give the same logits: %s', async (name) => {
    const model = readOnnx(readFileSync(join(sharedData, 'models/meshnet', `${name}.onnx`)));
    const shape = [1, 1, 24, 20, 22];
    const [variant] = await compressModel(model, [{ ranks: fullRank, paperForm: true }], {
      inputShapes: { image: shape },
      parallel: 2,
    });
    expect(variant.layers.every(({ skippedReason }) => skippedReason === undefined)).toBe(true);
    expect(await gap(model, variant.model, shape)).toBeLessThan(1e-4);
  });

  it.each(['nnunet-model-old-plans', 'nnunet-model-new-plans'])('give the same logits: %s', async (name) => {
    const folder = join(golden, name);
    const model = await nnunetFold(folder);
    const { data, shape } = readNpy(join(folder, 'expected/network_input.npy'));
    const [variant] = await compressModel(model, [{ ranks: fullRank, paperForm: true }], {
      inputShapes: { image: shape },
    });
    expect(variant.layers.every(({ skippedReason }) => skippedReason === undefined)).toBe(true);
    const logits = await runOnnx(writeOnnx(variant.model), data as Float32Array, shape);
    const theirs = readNpy(join(folder, 'expected/network_logits.npy')).data as Float32Array;
    const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(difference(logits, theirs).maxAbs / largest).toBeLessThan(1e-4);
  });
});
