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

/** Block by block of memory, in which a step along the axis is `width` numbers; the kernel's arms at once. */
function convolveAxis(
  values: Float32Array,
  [d0, d1, d2]: Vec3,
  axis: 0 | 1 | 2,
  kernel: Float64Array,
  out: Float32Array,
): void {
  const [count, width] = axis === 0 ? [d0, d1 * d2] : axis === 1 ? [d1, d2] : [d2, 1];
  const block = count * width;
  const radius = (kernel.length - 1) / 2;
  const reach = radius * width;
  // The block with its first and last lines repeated beyond its ends.
  const padded = new Float32Array(block + 2 * reach);
  const sum = new Float64Array(block);
  for (let base = 0; base < values.length; base += block) {
    padded.set(values.subarray(base, base + block), reach);
    for (let line = 0; line < radius; line++) {
      padded.copyWithin(line * width, reach, reach + width);
      padded.copyWithin(reach + block + line * width, reach + block - width, reach + block);
    }
    const middle = kernel[radius];
    for (let i = 0; i < block; i++) sum[i] = middle * padded[reach + i];
    for (let k = 1; k <= radius; k++) {
      const weight = kernel[radius + k];
      const before = reach - k * width;
      const after = reach + k * width;
      for (let i = 0; i < block; i++) sum[i] += weight * (padded[before + i] + padded[after + i]);
    }
    out.set(sum, base);
  }
}
