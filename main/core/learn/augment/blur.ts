import type { Vec3 } from '../../volume/volume.ts';

/**
 * Blurs one channel [...shape] in place by a Gaussian along each axis, mirrored at the borders (batchgeneratorsv2's
 * GaussianBlurTransform).
 *
 * @param deviations in voxels
 */
export function blur(values: Float32Array, shape: Vec3, deviations: Vec3): void {
  const strides: Vec3 = [shape[1] * shape[2], shape[2], 1];
  for (const axis of [0, 1, 2] as const) {
    blurAxis(values, shape[axis], strides[axis], gaussianKernel(deviations[axis]));
  }
}

/** As long as the odd number nearest to 6 deviations and a half; its sum is 1. */
export function gaussianKernel(deviation: number): Float64Array {
  const half = Math.floor((6 * deviation + 0.5) / 2);
  const kernel = Float64Array.from({ length: 2 * half + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - half) / deviation) ** 2),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

/** Lines are gathered with their mirrored ends, many of them side by side where the axis is not the innermost. */
function blurAxis(values: Float32Array, size: number, stride: number, kernel: Float64Array): void {
  const half = kernel.length >> 1;
  if (half === 0) return;
  const source = Int32Array.from({ length: size + 2 * half }, (_, i) => mirrored(i - half, size) * stride);
  const block = size * stride;
  const copy = new Float32Array(block);
  for (let from = 0; from < values.length; from += block) {
    copy.set(values.subarray(from, from + block));
    for (let i = 0; i < size; i++) {
      const row = from + i * stride;
      for (let k = 0; k < stride; k++) {
        let sum = 0;
        for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap]! * copy[source[i + tap]! + k]!;
        values[row + k] = sum;
      }
    }
  }
}

/** The border voxel itself is not repeated (torch's "reflect"). */
function mirrored(index: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const at = ((index % period) + period) % period;
  return at < size ? at : period - at;
}
