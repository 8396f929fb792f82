import type { Matrix, Multiply } from '../../tensor/matrix-product.ts';
import { symmetricEigen } from '../../tensor/symmetric-eigen.ts';
import type { Decompose } from '../compress-layer.ts';
import { modeRanks, type Layer, type LayerForm } from '../layer.ts';
import type { LayerFactors } from '../layer-factors.ts';
import type { ChannelRanks } from '../choose-ranks.ts';
import { fitFactors } from './fit-factors.ts';
import { composeKernel, factorMatrices, factorsOf, kernelWeights } from './layer-kernel.ts';
import { matrix, scaleRows, transpose } from '../../tensor/matrices.ts';
import type { Moments } from './moments.ts';
import { factorPositive, solvePositive } from './solve-positive.ts';
import { channelCovariance } from './update-reduction.ts';

export interface FitTools {
  readonly multiply: Multiply;
  readonly decompose: Decompose;
}

export interface FittedLayer {
  readonly factors: LayerFactors;
  /** Ŵ, as `kernelMatrix` orders it. */
  readonly kernel: Matrix;
  readonly loss: number;
  readonly isPlain: boolean;
}

/**
 * The factors of a layer that lose least on its samples: fitted ones, or those of the plain method where they happen to
 * be better. Either way with the bias that makes the mean error of every channel zero.
 *
 * @param kernel W, as `kernelMatrix` orders it
 */
export async function fitLayer(
  layer: Layer,
  kernel: Matrix,
  moments: Moments,
  plan: { readonly ranks: ChannelRanks; readonly form: LayerForm },
  plain: LayerFactors,
  tools: FitTools,
): Promise<FittedLayer> {
  const { multiply } = tools;
  const { tapsOut } = moments.shape;
  const three = plan.form === 'three';
  const ranks = three ? plan.ranks : { in: layer.channels.in, out: plan.ranks.out };
  const { channelsIn, tapsIn } = moments.shape;
  const covariance = channelCovariance(moments.sigma, channelsIn, tapsIn);
  const start = await startReduction(layer, kernel, moments.scale, covariance, ranks, tools);
  const fitted = await fitFactors(moments, ranks, start, multiply);
  const fittedKernel = await composeKernel(fitted, tapsOut, multiply);
  const loss = await lossOf(moments, fittedKernel, multiply);
  const plainKernel = await composeKernel(factorMatrices(layer, plain), tapsOut, multiply);
  const plainLoss = await lossOf(moments, plainKernel, multiply);
  if (!(loss <= plainLoss)) {
    const factors = { ...plain, bias: meanBias(moments, plainKernel) };
    return { factors, kernel: plainKernel, loss: plainLoss, isPlain: true };
  }
  const bias = meanBias(moments, fittedKernel);
  return { factors: factorsOf(layer, fitted, three, bias), kernel: fittedKernel, loss, isPlain: false };
}

/** The whole kernel that loses least, for a layer that is not decomposed: it makes up for what others lost before it. */
export async function refitKernel({ sigma, cross }: Moments, multiply: Multiply): Promise<Matrix> {
  return solvePositive(await factorPositive(sigma, multiply), cross);
}

/** E[y] − Ŵ E[p]. */
export function meanBias({ meanIn, meanOut, shape }: Moments, kernel: Matrix): Float32Array {
  const bias = Float64Array.from(meanOut);
  for (let row = 0; row < kernel.rows; row++) {
    let sum = 0;
    for (let j = 0; j < kernel.columns; j++) sum += kernel.data[row * kernel.columns + j] * meanIn[j];
    bias[row % shape.channelsOut] -= sum / shape.tapsOut;
  }
  return Float32Array.from(bias);
}

/** E‖S(y − Ŵp)‖² + λ‖S(W − Ŵ)‖², both centred. */
export async function lossOf(moments: Moments, kernel: Matrix, multiply: Multiply): Promise<number> {
  const { sigma, cross, scale, total } = moments;
  const image = await multiply(kernel, sigma);
  let loss = total;
  for (let row = 0, at = 0; row < kernel.rows; row++) {
    const square = scale[row % scale.length] ** 2;
    for (let j = 0; j < kernel.columns; j++, at++)
      loss += square * kernel.data[at] * (image.data[at] - 2 * cross.data[at]);
  }
  return loss;
}

/**
 * P of the Tucker decomposition of S W (C ⊗ I)^½ by HOOI, with C the covariance of the channels, taken back by C^-½.
 *
 * @param scale S
 */
export async function startReduction(
  layer: Layer,
  kernel: Matrix,
  scale: Float64Array,
  covariance: Matrix,
  ranks: ChannelRanks,
  { multiply, decompose }: FitTools,
): Promise<Matrix> {
  const channelsIn = covariance.rows;
  const tapsIn = kernel.columns / channelsIn;
  if (ranks.in === channelsIn) return identity(channelsIn);
  const { root, inverseRoot } = await squareRoots(covariance, multiply);
  const scaled = scaleRows(kernel, scale);
  const { data } = await multiply(matrix(kernel.rows * tapsIn, channelsIn, scaled.data), root);
  const whitened = kernelWeights(layer, { ...kernel, data });
  const norm = Math.sqrt(whitened.reduce((sum, value) => sum + value * value, 0)) || 1;
  const [tucker] = await decompose({ shape: layer.shape, data: whitened.map((value) => value / norm) }, [
    modeRanks(layer, ranks),
  ]);
  const factor = layer.rowsAre === 'in' ? tucker.rowFactor : tucker.columnFactor;
  return multiply(inverseRoot, matrix(channelsIn, ranks.in, Float64Array.from(factor)));
}

async function squareRoots(
  symmetric: Matrix,
  multiply: Multiply,
): Promise<{ readonly root: Matrix; readonly inverseRoot: Matrix }> {
  const size = symmetric.rows;
  const eigen = symmetricEigen({ ...symmetric, data: symmetric.data.slice() }, multiply);
  const vectors = await eigen.vectors(0, size);
  const least = Math.max(eigen.values[0] * 1e-12, Number.MIN_VALUE * 2 ** 60);
  const power = async (exponent: number) => {
    const powers = eigen.values.map((value) => Math.max(value, least) ** exponent);
    return multiply(vectors, scaleRows(transpose(vectors), powers));
  };
  return { root: await power(0.5), inverseRoot: await power(-0.5) };
}

export function identity(size: number): Matrix {
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return matrix(size, size, data);
}
