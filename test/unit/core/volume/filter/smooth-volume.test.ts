import { describe, expect, it } from 'vitest';
import { gaussianKernel } from '../../../../../main/core/volume/filter/gaussian-kernel.ts';
import { boxMean, gaussianSmoothed } from '../../../../../main/core/volume/filter/smooth-volume.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

// scipy.ndimage 1.17.1 of one line, mode nearest.
const line = [3, -1, 4, 1, -5, 9, 2.5];

/** The weighted sum over the whole cube round each voxel, in float64; beyond the border the nearest voxel counts. */
function bruteForce(values: Float32Array, [d0, d1, d2]: Vec3, kernel: Float64Array): number[] {
  const radius = (kernel.length - 1) / 2;
  const within = (i: number, size: number) => Math.min(size - 1, Math.max(0, i));
  const weighted = (at: number) => {
    const [z, y, x] = [Math.floor(at / (d1 * d2)), Math.floor(at / d2) % d1, at % d2];
    let sum = 0;
    kernel.forEach((wz, k) =>
      kernel.forEach((wy, j) =>
        kernel.forEach((wx, i) => {
          const row = within(z + k - radius, d0) * d1 + within(y + j - radius, d1);
          sum += wz * wy * wx * values[row * d2 + within(x + i - radius, d2)]!;
        }),
      ),
    );
    return sum;
  };
  return Array.from(values, (_, at) => weighted(at));
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  // Three roundings to float32 of numbers below 1000.
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(3e-4));
}

describe('smoothing a volume', () => {
  const shape: Vec3 = [3, 5, 6];
  const random = createRandom(5);
  const values = Float32Array.from({ length: 90 }, () => 2000 * random() - 1000);

  it.each([0.5, 0.6, 1.3])('weighs by a Gaussian of sigma %d along every axis', (sigma) => {
    expectClose(gaussianSmoothed(values, shape, sigma), bruteForce(values, shape, gaussianKernel(sigma)));
  });

  it('means the cube round each voxel', () => {
    expectClose(boxMean(values, shape, 1), bruteForce(values, shape, new Float64Array(3).fill(1 / 3)));
  });

  it('gives what scipy gives', () => {
    const gaussian = [
      2.340468002, 0.5051187118, 2.6501407802, 0.5188239119, -1.6471652341, 5.5695354881, 3.5566626684,
    ];
    const uniform = [5 / 3, 2, 4 / 3, 0, 5 / 3, 13 / 6, 14 / 3];
    const shapes: readonly Vec3[] = [
      [7, 1, 1],
      [1, 7, 1],
      [1, 1, 7],
    ];
    for (const along of shapes) {
      expectClose(gaussianSmoothed(Float32Array.from(line), along, 0.6), gaussian);
      expectClose(boxMean(Float32Array.from(line), along, 1), uniform);
    }
  });

  it('keeps values at a sigma of 0, and its argument always', () => {
    const copy = values.slice();
    expect(gaussianSmoothed(values, shape, 0)).toEqual(copy);
    gaussianSmoothed(values, shape, 1);
    expect(values).toEqual(copy);
  });
});
