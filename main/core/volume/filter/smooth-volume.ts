import type { Vec3 } from '../volume.ts';
import { gaussianKernel } from './gaussian-kernel.ts';

/**
 * Gaussian smoothing along all three axes (scipy's `gaussian_filter` with mode `nearest`, truncated at 4 sigma).
 *
 * @param values [d0, d1, d2]; kept
 * @param sigma in voxels
 */
export function gaussianSmoothed(values: Float32Array, shape: Vec3, sigma: number): Float32Array {
  return convolved(values, shape, gaussianKernel(sigma));
}

/** Mean of the cube of (2·radius + 1)³ voxels round each one; beyond the border its value goes on. [d0, d1, d2]. */
export function boxMean(values: Float32Array, shape: Vec3, radius: number): Float32Array {
  return convolved(values, shape, new Float64Array(2 * radius + 1).fill(1 / (2 * radius + 1)));
}

/** The same symmetric kernel along each axis. */
function convolved(values: Float32Array, shape: Vec3, kernel: Float64Array): Float32Array {
  let from = values;
  for (const axis of [2, 1, 0] as const) {
    const to = new Float32Array(values.length);
    convolveAxis(from, shape, axis, kernel, to);
    from = to;
  }
  return from;
}

/** Row by row along memory: `out` is the sum of the weighted lines that lie before and after each line. */
function convolveAxis(
  values: Float32Array,
  [d0, d1, d2]: Vec3,
  axis: 0 | 1 | 2,
  kernel: Float64Array,
  out: Float32Array,
): void {
  const radius = (kernel.length - 1) / 2;
  // Lines of `width` neighbours in memory, `count` of them along the axis, in `blocks` blocks.
  const [blocks, count, width] = axis === 0 ? [1, d0, d1 * d2] : axis === 1 ? [d0, d1, d2] : [d0 * d1, d2, 1];
  const sum = new Float64Array(width);
  for (let block = 0; block < blocks; block++) {
    const base = block * count * width;
    for (let i = 0; i < count; i++) {
      sum.fill(0);
      for (let k = -radius; k <= radius; k++) {
        const weight = kernel[k + radius];
        const line = base + Math.min(count - 1, Math.max(0, i + k)) * width;
        for (let x = 0; x < width; x++) sum[x] += weight * values[line + x];
      }
      out.set(sum, base + i * width);
    }
  }
}
