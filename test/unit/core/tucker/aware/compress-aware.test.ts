import { describe, expect, it } from 'vitest';
import { createGraphSession } from '../../../../../native/onnxruntime/create-graph-session.ts';
import { makeNode } from '../../../../../main/core/onnx/build-graph.ts';
import { writeOnnx, type OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import { multiplyMatrices } from '../../../../../main/core/tensor/matrix-product.ts';
import { compressAware } from '../../../../../main/core/tucker/aware/compress-aware.ts';
import { compressModel } from '../../../../../main/core/tucker/compress-model.ts';
import type { RankRule } from '../../../../../main/core/tucker/choose-ranks.ts';
import { difference, runOnnx } from '../../../../fixtures/run-onnx.ts';
import { fullRank, gap, network, randomTensor } from '../layer-networks.ts';
import { noise } from './regression-case.ts';

const shape = [1, 2, 12, 10, 8];
const same = { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] };

/** A small U-Net: dilation, a strided convolution, instance norm, a transposed convolution, a skip and a head. */
function unet(): OnnxModel {
  const normalised = (input: string, output: string) => [
    makeNode('InstanceNormalization', [input, `${output}.scale`, `${output}.shift`], [`${output}.norm`]),
    makeNode('LeakyRelu', [`${output}.norm`], [output], { alpha: { float: 0.01 } }),
  ];
  const dilated = { kernel_shape: [3, 3, 3], pads: [2, 2, 2, 2, 2, 2], dilations: [2, 2, 2] };
  const nodes = [
    makeNode('Conv', ['x', 'w1', 'b1'], ['c1'], same),
    ...normalised('c1', 'a1'),
    makeNode('Conv', ['a1', 'w2', 'b2'], ['c2'], { ...same, strides: [2, 2, 2] }),
    ...normalised('c2', 'a2'),
    makeNode('Conv', ['a2', 'w3'], ['c3'], dilated),
    makeNode('Relu', ['c3'], ['a3']),
    makeNode('ConvTranspose', ['a3', 'w4', 'b4'], ['c4'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    makeNode('Concat', ['c4', 'a1'], ['joined'], { axis: 1 }),
    makeNode('Conv', ['joined', 'w5', 'b5'], ['c5'], same),
    ...normalised('c5', 'a5'),
    makeNode('Conv', ['a5', 'w6', 'b6'], ['y'], { kernel_shape: [1, 1, 1] }),
  ];
  const sizes: readonly (readonly [string, readonly number[]])[] = [
    ['w1', [6, 2, 3, 3, 3]],
    ['w2', [8, 6, 3, 3, 3]],
    ['w3', [8, 8, 3, 3, 3]],
    ['w4', [8, 6, 2, 2, 2]],
    ['w5', [6, 12, 3, 3, 3]],
    ['w6', [4, 6, 1, 1, 1]],
    ['b1', [6]],
    ['b2', [8]],
    ['b4', [6]],
    ['b5', [6]],
    ['b6', [4]],
    ...[6, 8, 6].flatMap((channels, i) =>
      ['scale', 'shift'].map((part) => [`a${[1, 2, 5][i]}.${part}`, [channels]] as const),
    ),
  ];
  return network(
    nodes,
    sizes.map(([name, dims], i) => randomTensor(name, dims, i + 20)),
    2,
  );
}

function tile(seed: number) {
  const input = noise(2 * 960, seed);
  return { input, shape, labels: Int16Array.from({ length: 960 }, (_, i) => i % 3) };
}

const tiles = [tile(1), tile(2), tile(3)];
const options = {
  inputShapes: { x: shape },
  tiles,
  multiply: multiplyMatrices,
  samples: 3000,
  load: (model: OnnxModel) => createGraphSession(writeOnnx(model), 1),
};

/** Mean square of the difference of the outputs, on an image that was not calibrated on. */
async function loss(a: OnnxModel, b: OnnxModel): Promise<number> {
  const input = tile(9).input;
  return difference(await runOnnx(writeOnnx(a), input, shape), await runOnnx(writeOnnx(b), input, shape))
    .rmse;
}

describe('compressing a network on images', () => {
  it('reproduces it at full ranks', async () => {
    const model = unet();
    const [variant] = await compressAware(model, [{ ranks: fullRank }], options);
    expect(variant.layers.every(({ ranks }) => ranks !== null)).toBe(true);
    // float32, six layers.
    expect(await gap(model, variant.model, shape)).toBeLessThan(1e-4);
  });

  it('comes nearer to it than the plain method at low ranks, in either form', async () => {
    const model = unet();
    const half: RankRule = ({ channels }) => ({
      in: Math.ceil(channels.in / 2),
      out: Math.ceil(channels.out / 2),
    });
    const recipes = [{ ranks: half }, { ranks: half, paperForm: true }];
    const plain = await compressModel(model, recipes, options);
    const aware = await compressAware(model, recipes, options);
    for (const [i, { model: variant, layers }] of aware.entries()) {
      expect(layers.map(({ ranks }) => ranks)).toEqual(plain[i].layers.map(({ ranks }) => ranks));
      expect(await loss(variant, model)).toBeLessThan(await loss(plain[i].model, model));
    }
  });

  it('refits layers that stay whole to what is left of their input', async () => {
    const model = unet();
    const ranks: RankRule = ({ channels }) => ({
      in: Math.ceil(channels.in / 2),
      out: Math.ceil(channels.out / 2),
    });
    const decide = ({ name }: { readonly name: string }) => (name === 'c1' || name === 'y' ? 'whole' : null);
    const [plain] = await compressModel(model, [{ ranks, decide }], options);
    const [aware] = await compressAware(model, [{ ranks, decide }], options);
    expect(aware.layers.filter((layer) => layer.ranks === null).map(({ name }) => name)).toEqual(['c1', 'y']);
    // Nothing was lost before the first layer, so that it is as it was but for rounding.
    expect(aware.layers[0].error).toBeLessThan(1e-5);
    expect(aware.layers.at(-1)?.error).toBeGreaterThan(1e-3);
    expect(await loss(aware.model, model)).toBeLessThan(await loss(plain.model, model));
  });

  it('reports its steps to the end', async () => {
    const steps: [number, number][] = [];
    const onProgress = (done: number, total: number) => steps.push([done, total]);
    await compressAware(unet(), [{ ranks: fullRank }], { ...options, onProgress });
    expect(steps.map(([done]) => done)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.at(-1)).toEqual([steps.length, steps.length]);
  });
});
