import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../../main/core/onnx/build-graph.ts';
import { multiplyMatrices } from '../../../../../main/core/tensor/matrix-product.ts';
import { fitLayer, lossOf, meanBias, refitKernel } from '../../../../../main/core/tucker/aware/fit-layer.ts';
import { fitLargeLayer } from '../../../../../main/core/tucker/aware/fit-large-layer.ts';
import { fitFactors } from '../../../../../main/core/tucker/aware/fit-factors.ts';
import {
  composeKernel,
  factorMatrices,
  kernelMatrix,
} from '../../../../../main/core/tucker/aware/layer-kernel.ts';
import { decomposeKernel } from '../../../../../main/core/tucker/decompose-kernel.ts';
import { findLayers } from '../../../../../main/core/tucker/find-layers.ts';
import { layerFactors } from '../../../../../main/core/tucker/layer-factors.ts';
import { modeRanks, type Layer } from '../../../../../main/core/tucker/layer.ts';
import { network, randomTensor } from '../layer-networks.ts';
import { lineSamples, momentsOf, noise, noiseMatrix } from './regression-case.ts';

const tools = { multiply: multiplyMatrices, decompose: decomposeKernel };
const positions = Array.from({ length: 400 }, (_, i) => i);

/** A convolution [out, in, 3], its kernel as a matrix, and its plain factors. */
async function convolution(channelsIn: number, channelsOut: number, ranks: { in: number; out: number }) {
  const nodes = [makeNode('Conv', ['x', 'w'], ['y'], { kernel_shape: [3], pads: [1, 1] })];
  const model = network(nodes, [randomTensor('w', [channelsOut, channelsIn, 3], 3)], channelsIn, 1);
  const layer = findLayers(model, { x: [1, channelsIn, 400] })[0] as Layer;
  const raw = layer.weight.rawData ?? new Uint8Array();
  const weights = new Float32Array(raw.slice().buffer);
  const kernel = kernelMatrix(layer, weights);
  const [tucker] = await decomposeKernel({ shape: layer.shape, data: weights }, [modeRanks(layer, ranks)]);
  const plain = layerFactors(layer, tucker, 'three');
  const shape = { channelsIn, tapsIn: 3, channelsOut, tapsOut: 1 };
  return { layer, kernel, plain, shape };
}

/** Inputs whose channels are correlated, which a plain decomposition does not see, and nonlinear targets. */
function correlated(channels: number): Float32Array {
  const base = noise(400 * 2, 5);
  const own = noise(400 * channels, 6);
  return Float32Array.from({ length: 400 * channels }, (_, i) => {
    const [c, at] = [Math.floor(i / 400), i % 400];
    return base[at] * (c + 1) + base[400 + at] * Math.sin(c) + 0.1 * own[i] + c;
  });
}

/** Six channels in, five out, which follow the input but for noise. */
async function noisyCase() {
  const ranks = { in: 2, out: 3 };
  const { layer, kernel, plain, shape } = await convolution(6, 5, ranks);
  const image = correlated(6);
  const extra = noise(5 * 400, 8);
  const samples = lineSamples(shape, image, (p, o) => image[p] * Math.cos(o) + extra[o * 400 + p], positions);
  return { ranks, layer, kernel, plain, samples, moments: await momentsOf([samples], kernel) };
}

describe('fitting a layer', () => {
  it('loses less from round to round, and less than the plain factors', async () => {
    const { ranks, layer, kernel, plain, moments } = await noisyCase();
    const { losses } = await fitFactors(moments, ranks, noiseMatrix(6, 2, 3), multiplyMatrices);
    expect(losses.length).toBeGreaterThan(2);
    // Each step is an exact minimum or a descent; what is left is rounding.
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThanOrEqual(losses[i - 1] * (1 + 1e-9));

    const fitted = await fitLayer(layer, kernel, moments, { ranks, form: 'three' }, plain, tools);
    const plainKernel = await composeKernel(factorMatrices(layer, plain), 1, multiplyMatrices);
    const plainLoss = await lossOf(moments, plainKernel, multiplyMatrices);
    expect(fitted.isPlain).toBe(false);
    expect(fitted.loss).toBeLessThan(0.9 * plainLoss);
    // The loss that the rounds report is that of the kernel they stand for.
    const again = await composeKernel(factorMatrices(layer, fitted.factors), 1, multiplyMatrices);
    // Factors are float32.
    expect(await lossOf(moments, again, multiplyMatrices)).toBeCloseTo(fitted.loss, 4);
  });

  it('fits a layer too large for one covariance after its reduction, still better than the plain factors', async () => {
    const { ranks, layer, kernel, plain, samples, moments } = await noisyCase();
    const plainKernel = await composeKernel(factorMatrices(layer, plain), 1, multiplyMatrices);
    const { kernel: fitted } = await fitLargeLayer(layer, kernel, [samples], plain, tools);
    const best = await fitLayer(layer, kernel, moments, { ranks, form: 'three' }, plain, tools);
    const loss = await lossOf(moments, fitted, multiplyMatrices);
    expect(loss).toBeLessThan(await lossOf(moments, plainKernel, multiplyMatrices));
    // The full method chooses the reduction too; the ridge is a thousandth.
    expect(loss).toBeGreaterThan(best.loss * 0.999);
  });

  it('keeps plain factors that fit better', async () => {
    const ranks = { in: 6, out: 5 };
    const { layer, kernel, plain, shape } = await convolution(6, 5, ranks);
    const moments = await momentsOf([lineSamples(shape, correlated(6), () => 0, positions)], kernel);
    const wrong = { ...moments, cross: { ...moments.cross, data: moments.cross.data.map(() => NaN) } };
    const fitted = fitLayer(layer, kernel, wrong, { ranks, form: 'three' }, plain, tools);
    expect((await fitted).isPlain).toBe(true);
  });

  it('gives the kernel itself where the ridge outweighs the samples', async () => {
    const ranks = { in: 6, out: 5 };
    const { kernel, shape } = await convolution(6, 5, ranks);
    const image = correlated(6);
    const samples = lineSamples(shape, image, (p, o) => 3 * image[p] * (o + 1), positions);
    const far = await refitKernel(await momentsOf([samples], kernel, 1e9), multiplyMatrices);
    const near = await refitKernel(await momentsOf([samples], kernel), multiplyMatrices);
    const distance = (data: Float64Array) =>
      Math.max(...data.map((value, i) => Math.abs(value - kernel.data[i])));
    // λ is 1e9 times the variance: what is left of the samples is 1e-9 of what they ask for.
    expect(distance(far.data)).toBeLessThan(1e-6);
    expect(distance(near.data)).toBeGreaterThan(0.1);
  });

  it('does not mind the order of the samples, nor how they lie in tiles', async () => {
    const ranks = { in: 2, out: 3 };
    const { kernel, shape } = await convolution(6, 5, ranks);
    const image = correlated(6);
    const target = (p: number, o: number) => image[p] * (o + 1);
    const inOrder = await momentsOf([lineSamples(shape, image, target, positions)], kernel);
    const back = positions.toReversed();
    const shuffled = await momentsOf(
      [
        lineSamples(shape, image, target, back.slice(0, 90)),
        lineSamples(shape, image, target, back.slice(90)),
      ],
      kernel,
    );
    // Sums of 400 numbers in double precision.
    for (const [i, value] of inOrder.sigma.data.entries())
      expect(shuffled.sigma.data[i]).toBeCloseTo(value, 9);
    for (const [i, value] of inOrder.cross.data.entries())
      expect(shuffled.cross.data[i]).toBeCloseTo(value, 9);
    expect(shuffled.total).toBeCloseTo(inOrder.total, 9);
  });

  it('corrects the bias exactly where the input is constant', async () => {
    const { layer, kernel, plain, shape } = await convolution(6, 5, { in: 1, out: 1 });
    const image = new Float32Array(6 * 400).fill(2);
    const inside = positions.slice(1, -1);
    const moments = await momentsOf([lineSamples(shape, image, (_, o) => o - 1, inside)], kernel);
    const fitted = await fitLayer(
      layer,
      kernel,
      moments,
      { ranks: { in: 1, out: 1 }, form: 'three' },
      plain,
      tools,
    );
    const bias = meanBias(moments, fitted.kernel);
    for (let o = 0; o < 5; o++) {
      let value = bias[o];
      for (let j = 0; j < 18; j++) value += 2 * fitted.kernel.data[o * 18 + j];
      // The bias is float32.
      expect(value).toBeCloseTo(o - 1, 5);
    }
  });

  it.each([
    ['a constant channel', 6, 5, { in: 3, out: 3 }, (image: Float32Array) => image.fill(7, 0, 400)],
    ['an image of zeros', 6, 5, { in: 3, out: 3 }, (image: Float32Array) => image.fill(0)],
    ['one channel', 1, 4, { in: 1, out: 2 }, (image: Float32Array) => image],
    ['one channel out', 4, 1, { in: 2, out: 1 }, (image: Float32Array) => image],
    ['equal channels', 6, 5, { in: 4, out: 4 }, (image: Float32Array) => image.copyWithin(400, 0, 400)],
  ] as const)('stays finite for %s', async (_, channelsIn, channelsOut, ranks, spoil) => {
    const { layer, kernel, plain, shape } = await convolution(channelsIn, channelsOut, ranks);
    const image = spoil(correlated(channelsIn));
    // The last channel never varies.
    const target = (p: number, o: number) => (o === channelsOut - 1 ? 4 : image[p] * (o + 1));
    const moments = await momentsOf([lineSamples(shape, image, target, positions)], kernel);
    const { factors, loss } = await fitLayer(layer, kernel, moments, { ranks, form: 'three' }, plain, tools);
    const numbers = [...factors.reduce, ...(factors.core ?? []), ...factors.expand, ...(factors.bias ?? [])];
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(loss)).toBe(true);
  });
});
