import type { Matrix } from '../../tensor/matrix-product.ts';

/**
 * A layer as a linear regression. A sample is a patch p that the layer reads, [tapsIn · channelsIn] with the channels
 * fastest, and what it ought to give, y, [tapsOut · channelsOut] with the channels fastest. A convolution reads a
 * window and gives one voxel; a transposed convolution whose windows tile the output reads one voxel and gives a window.
 */
export interface RegressionShape {
  readonly channelsIn: number;
  readonly tapsIn: number;
  readonly channelsOut: number;
  readonly tapsOut: number;
}

/** Second moments of the samples of a layer: all that its weights can be fitted from. */
export interface Moments {
  readonly shape: RegressionShape;
  /** E[p]. */
  readonly meanIn: Float64Array;
  /** E[y], the mean over tapsOut too, since a bias is one number a channel: [channelsOut]. The rest is centred by tap. */
  readonly meanOut: Float64Array;
  /** Cov(p, p) + λI. */
  readonly sigma: Matrix;
  /** Cov(y, p) + λW: [tapsOut · channelsOut, tapsIn · channelsIn]. */
  readonly cross: Matrix;
  /** 1 / standard deviation of each channel of y, about the mean of each tap. */
  readonly scale: Float64Array;
  /** E‖S(y − E[y])‖² + λ‖S W‖², what is lost when nothing is explained. */
  readonly total: number;
}

/** λ = `ridge` · tr Cov(p, p) / dim, which draws the weights to those of the original. */
export const defaultRidge = 1e-3;

export interface RawMoments {
  readonly shape: RegressionShape;
  /** Sum of the weights of the samples. */
  readonly weight: number;
  /** Σ w p, Σ w y. */
  readonly sumIn: Float64Array;
  readonly sumOut: Float64Array;
  /** Σ w y², element by element. */
  readonly squaresOut: Float64Array;
  /** Σ w p pᵀ; the lower triangle. */
  readonly products: Matrix;
  /** Σ w y pᵀ. */
  readonly crossProducts: Matrix;
}

/**
 * @param kernel W, [tapsOut · channelsOut, tapsIn · channelsIn]
 * @param raw used up
 */
export function finishMoments(raw: RawMoments, kernel: Matrix, ridge = defaultRidge): Moments {
  const { shape, weight, products, crossProducts } = raw;
  const { channelsOut, tapsOut } = shape;
  const dim = products.rows;
  const meanIn = raw.sumIn.map((sum) => sum / weight);
  const meanOfTaps = raw.sumOut.map((sum) => sum / weight);
  const meanOut = new Float64Array(channelsOut);
  const variance = new Float64Array(channelsOut);
  for (const [row, mean] of meanOfTaps.entries()) {
    meanOut[row % channelsOut] += mean / tapsOut;
    variance[row % channelsOut] += Math.max(0, raw.squaresOut[row] / weight - mean ** 2) / tapsOut;
  }
  const scale = scaleOf(variance);

  const sigma = products.data;
  let trace = 0;
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      const value = sigma[i * dim + j] / weight - meanIn[i] * meanIn[j];
      sigma[i * dim + j] = value;
      sigma[j * dim + i] = value;
    }
    trace += sigma[i * dim + i];
  }
  // Where nothing varies there is nothing to fit, and the ridge alone decides.
  const lambda = trace > 0 ? (ridge * trace) / dim : 1;
  for (let i = 0; i < dim; i++) sigma[i * dim + i] += lambda;

  const cross = crossProducts.data;
  let total = 0;
  for (let row = 0; row < crossProducts.rows; row++) {
    const o = row % channelsOut;
    for (let j = 0; j < dim; j++) {
      const w = kernel.data[row * dim + j];
      const at = row * dim + j;
      cross[at] = cross[at] / weight - meanOfTaps[row] * meanIn[j] + lambda * w;
      total += lambda * (scale[o] * w) ** 2;
    }
  }
  for (let o = 0; o < channelsOut; o++) total += tapsOut * scale[o] ** 2 * variance[o];
  return { shape, meanIn, meanOut, sigma: products, cross: crossProducts, scale, total };
}

/** A channel that does not vary counts as much as the one that varies most, not infinitely. */
function scaleOf(variance: Float64Array): Float64Array {
  const largest = variance.reduce((most, value) => Math.max(most, value), 0);
  return variance.map((value) =>
    largest > 0 ? 1 / Math.sqrt(value > largest * 1e-10 ? value : largest) : 1,
  );
}
