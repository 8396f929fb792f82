import { multiplyMatrices, type Matrix, type Multiply } from '../../tensor/matrix-product.ts';
import type { LayerFactors } from '../layer-factors.ts';
import type { Layer } from '../layer.ts';
import { matrix, swapInner, transpose } from '../../tensor/matrices.ts';

/** Weights as in the file to a matrix from patches to outputs, as `RegressionShape` orders them. */
export function kernelMatrix(
  { kind, shape }: Pick<Layer, 'kind' | 'shape'>,
  weights: Float32Array | Float64Array,
): Matrix {
  const { rows, columns, taps } = shape;
  const data = new Float64Array(weights.length);
  // Conv [out, in, taps] to [out, taps · in]; ConvTranspose [in, out, taps] to [taps · out, in].
  for (let i = 0, from = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let k = 0; k < taps; k++)
        data[kind === 'Conv' ? (i * taps + k) * columns + j : (k * columns + j) * rows + i] = weights[from++];
  return kind === 'Conv' ? matrix(rows, taps * columns, data) : matrix(taps * columns, rows, data);
}

/** The inverse of `kernelMatrix`. */
export function kernelWeights(
  { kind, shape }: Pick<Layer, 'kind' | 'shape'>,
  { data }: Matrix,
): Float32Array {
  const { rows, columns, taps } = shape;
  const weights = new Float32Array(data.length);
  for (let i = 0, to = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let k = 0; k < taps; k++)
        weights[to++] = data[kind === 'Conv' ? (i * taps + k) * columns + j : (k * columns + j) * rows + i];
  return weights;
}

/** Factors as matrices: reduction P [channels in, rank in], core G [tapsOut · rank out, tapsIn · rank in], expansion U. */
export interface FactorMatrices {
  readonly reduce: Matrix;
  readonly core: Matrix;
  /** [channels out, rank out]. */
  readonly expand: Matrix;
}

export function factorMatrices(layer: Layer, factors: LayerFactors): FactorMatrices {
  const { ranks } = factors;
  const { channels } = layer;
  const reduce = transpose(matrix(ranks.in, channels.in, Float64Array.from(factors.reduce)));
  const expand = matrix(channels.out, ranks.out, Float64Array.from(factors.expand));
  if (factors.core === null) {
    const core = new Float64Array(ranks.in ** 2);
    for (let i = 0; i < ranks.in; i++) core[i * ranks.in + i] = 1;
    return { reduce, core: matrix(ranks.in, ranks.in, core), expand };
  }
  return { reduce, core: kernelMatrix(coreLike(layer, factors), factors.core), expand };
}

/** Without the core where the layer has two factors: the reduction then takes it. */
export function factorsOf(
  layer: Layer,
  { reduce, core, expand }: FactorMatrices,
  withCore: boolean,
  bias: Float32Array,
): LayerFactors {
  const ranks = { in: reduce.columns, out: expand.columns };
  const common = { expand: Float32Array.from(expand.data), bias };
  if (withCore) {
    const weights = kernelWeights(coreLike(layer, { ranks }), core);
    return { ...common, ranks, reduce: Float32Array.from(transpose(reduce).data), core: weights };
  }
  const joined = multiplyMatrices(core, reduce, 'right');
  return {
    ...common,
    ranks: { in: ranks.out, out: ranks.out },
    reduce: Float32Array.from(joined.data),
    core: null,
  };
}

function coreLike({ kind, shape }: Layer, { ranks }: Pick<LayerFactors, 'ranks'>) {
  const [rows, columns] = kind === 'Conv' ? [ranks.out, ranks.in] : [ranks.in, ranks.out];
  return { kind, shape: { rows, columns, taps: shape.taps } };
}

/** Ŵ = U G (P ⊗ I)ᵀ. */
export async function composeKernel(
  { reduce, core, expand }: FactorMatrices,
  tapsOut: number,
  multiply: Multiply,
): Promise<Matrix> {
  const rank = reduce.columns;
  const tapsIn = core.columns / rank;
  const spread = await multiply(matrix(core.rows * tapsIn, rank, core.data), reduce, 'right');
  const wide = swapInner(matrix(core.rows, tapsIn * reduce.rows, spread.data), tapsOut, core.rows / tapsOut);
  const whole = await multiply(expand, wide);
  const columns = tapsIn * reduce.rows;
  return matrix(
    tapsOut * expand.rows,
    columns,
    swapInner(matrix(expand.rows * tapsOut, columns, whole.data), expand.rows, tapsOut).data,
  );
}
