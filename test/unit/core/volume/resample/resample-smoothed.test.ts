import { describe, expect, it } from 'vitest';
import { resampleSmoothed } from '../../../../../main/core/volume/resample/resample-smoothed.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

// scipy 1.17.1: zoom(gaussian_filter1d(line, max(0, (7 / n - 1) / 2), mode='nearest'), n / 7, order=1, mode='nearest',
// grid_mode=True), which is what skimage's resize does with anti_aliasing.
const line = [3, -1, 4, 1, -5, 9, 2.5];
const scipy: readonly [number, readonly number[]][] = [
  [2, [1.5655949475, 2.3767520058]],
  [3, [1.2684579221, 0.4573094433, 4.5187945958]],
  [5, [2.1999947827, 1.999995528, 0.9999888201, 0.6000141612, 3.8000040993]],
  [7, line],
  [9, [3, 1 / 3, 11 / 9, 10 / 3, 1, -11 / 3, 25 / 9, 41 / 6, 2.5]],
];

const shapes: readonly ((size: number) => Vec3)[] = [(n) => [n, 1, 1], (n) => [1, n, 1], (n) => [1, 1, n]];

describe('resampleSmoothed', () => {
  it.each(scipy)('gives what scipy gives for 7 voxels to %d, along each axis', (size, expected) => {
    for (const shape of shapes) {
      const resampled = resampleSmoothed(Float32Array.from(line), shape(7), shape(size));
      // float32
      expected.forEach((value, i) => expect(Math.abs(resampled[i]! - value)).toBeLessThan(1e-5));
      expect(resampled).toHaveLength(size);
    }
  });

  it('does the axes one after the other, and keeps what stays as it is', () => {
    const random = createRandom(9);
    const voxels = Float32Array.from({ length: 8 * 9 * 10 }, () => 100 * random());
    const step = (from: Float32Array, a: Vec3, b: Vec3) => resampleSmoothed(from, a, b);
    const atOnce = step(voxels, [8, 9, 10], [3, 4, 5]);
    const inTurn = step(
      step(step(voxels, [8, 9, 10], [8, 9, 5]), [8, 9, 5], [3, 9, 5]),
      [3, 9, 5],
      [3, 4, 5],
    );
    atOnce.forEach((value, i) => expect(Math.abs(value - inTurn[i]!)).toBeLessThan(1e-4));
    expect(step(voxels, [8, 9, 10], [8, 9, 10])).toEqual(voxels);
  });
});
