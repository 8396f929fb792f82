import { gaussianKernel, gaussianRadius } from '../filter/gaussian-kernel.ts';

/**
 * How output index i maps to a source position.
 * `half-pixel`: (i + 0.5)·n_in/n_out − 0.5, the voxels' outer faces coincide (scipy zoom with `grid_mode=True`,
 * skimage `resize`; nnU-Net). `aligned-corners`: i·(n_in − 1)/(n_out − 1), the outermost voxel centres
 * coincide (scipy zoom's default; TotalSegmentator).
 */
export type Alignment = 'half-pixel' | 'aligned-corners';

/** Degree of the interpolating spline: nearest neighbour, linear, cubic. */
export type SplineOrder = 0 | 1 | 3;

/**
 * Resampling along one axis. Output i is Σ_t weights[i·taps + t] · c[starts[i] + t], where c is the source (for
 * order 3 its spline coefficients without their gain of 6, which is in the weights) extended at both ends by `pad`
 * copies of the outermost value: scipy's `mode='nearest'`.
 */
export interface AxisPlan {
  readonly order: SplineOrder;
  readonly sourceSize: number;
  readonly targetSize: number;
  readonly taps: number;
  readonly pad: number;
  readonly starts: Int32Array;
  readonly weights: Float64Array;
}

/** An interpolation order this code does not implement (nnU-Net plans use 0, 1 and 3). */
export class SplineOrderError extends Error {
  constructor(order: number) {
    super(`Interpolation order ${order} is not supported: 0, 1 and 3 are.`);
    this.name = 'SplineOrderError';
  }
}

export function asSplineOrder(order: number): SplineOrder {
  if (order === 0 || order === 1 || order === 3) return order;
  throw new SplineOrderError(order);
}

/** Source position of each output index, in the same float64 arithmetic as scipy's NI_ZoomShift. */
export function samplePositions(sourceSize: number, targetSize: number, alignment: Alignment): Float64Array {
  const positions = new Float64Array(targetSize);
  if (alignment === 'half-pixel') {
    const scale = sourceSize / targetSize;
    for (let i = 0; i < targetSize; i++) positions[i] = (i + 0.5) * scale - 0.5;
  } else {
    const scale = targetSize > 1 ? (sourceSize - 1) / (targetSize - 1) : 1;
    for (let i = 0; i < targetSize; i++) positions[i] = i * scale;
  }
  return positions;
}

/**
 * Index of the source voxel nearest to each output index: order 0. Exact halves go up, as scipy's
 * floor(x + 0.5) does; positions beyond the ends give the outermost voxel.
 */
export function nearestIndices(sourceSize: number, targetSize: number, alignment: Alignment): Int32Array {
  const indices = new Int32Array(targetSize);
  samplePositions(sourceSize, targetSize, alignment).forEach((position, i) => {
    indices[i] = Math.floor(Math.min(Math.max(position, 0), sourceSize - 1) + 0.5);
  });
  return indices;
}

/**
 * Plans the resampling of one axis. An axis that keeps its size is copied: interpolating a spline at its own knots
 * gives them back.
 */
export function planAxis(
  sourceSize: number,
  targetSize: number,
  order: SplineOrder,
  alignment: Alignment,
): AxisPlan {
  if (order === 0 || sourceSize === targetSize) {
    const starts = nearestIndices(sourceSize, targetSize, alignment);
    const weights = new Float64Array(targetSize).fill(1);
    return { order: 0, sourceSize, targetSize, taps: 1, pad: 0, starts, weights };
  }
  const taps = order + 1;
  const pad = order === 1 ? 1 : 2;
  const starts = new Int32Array(targetSize);
  const weights = new Float64Array(targetSize * taps);
  samplePositions(sourceSize, targetSize, alignment).forEach((position, i) => {
    const floor = Math.floor(position);
    starts[i] = floor - (order === 1 ? 0 : 1) + pad;
    if (order === 1) linearWeights(position - floor, weights, i * taps);
    else cubicWeights(position - floor, weights, i * taps);
  });
  return { order, sourceSize, targetSize, taps, pad, starts, weights };
}

/**
 * Plans linear resampling of an axis that is smoothed first where it gets coarser, so that what the new grid cannot
 * show does not fold into it: a Gaussian of half the excess of the step over a voxel (skimage's `resize` with order 1, mode
 * edge and `anti_aliasing`). Both steps in one: the weights are those of the two Gaussians between whose centres the
 * position lies.
 */
export function planSmoothedAxis(sourceSize: number, targetSize: number): AxisPlan {
  const sigma = Math.max(0, (sourceSize / targetSize - 1) / 2);
  const radius = gaussianRadius(sigma);
  const kernel = gaussianKernel(sigma);
  const taps = kernel.length + 1;
  const pad = radius + 1;
  const starts = new Int32Array(targetSize);
  const weights = new Float64Array(targetSize * taps);
  samplePositions(sourceSize, targetSize, 'half-pixel').forEach((position, i) => {
    const within = Math.min(Math.max(position, 0), sourceSize - 1);
    const floor = Math.floor(within);
    const t = within - floor;
    starts[i] = floor - radius + pad;
    for (let k = 0; k < kernel.length; k++) {
      weights[i * taps + k] += (1 - t) * kernel[k];
      weights[i * taps + k + 1] += t * kernel[k];
    }
  });
  return { order: 1, sourceSize, targetSize, taps, pad, starts, weights };
}

function linearWeights(t: number, weights: Float64Array, at: number): void {
  weights[at] = 1 - t;
  weights[at + 1] = t;
}

/** The cubic B-spline at the four knots around a point, times the prefilter's gain of 6. */
function cubicWeights(t: number, weights: Float64Array, at: number): void {
  const s = 1 - t;
  weights[at] = s * s * s;
  weights[at + 1] = 4 + 3 * t * t * (t - 2);
  weights[at + 2] = 4 + 3 * s * s * (s - 2);
  weights[at + 3] = t * t * t;
}
