import { describe, expect, it, test } from 'vitest';
import { blur, gaussianKernel } from '../../../../../main/core/learn/augment/blur.ts';
import {
  addNoise,
  bendRange,
  changeContrast,
  changeGamma,
} from '../../../../../main/core/learn/augment/change-intensities.ts';
import { lowerResolution } from '../../../../../main/core/learn/augment/lower-resolution.ts';
import { fillNormal } from '../../../../../main/core/random/fill-normal.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

const random = createRandom(5);
const floats = (length: number): Float32Array => Float32Array.from({ length }, () => 3 * random() - 1);
const meanOf = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviationOf = (values: Float32Array): number => {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
};

describe('blurring', () => {
  const shape: Vec3 = [5, 7, 9];

  it('is the sum over the neighbours along each axis, mirrored at the borders', () => {
    const values = floats(voxelCount(shape));
    const deviations: Vec3 = [0.5, 1, 0.7];
    const reflect = (i: number, n: number): number => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i);
    const kernels = deviations.map(gaussianKernel);
    expect(kernels.map(({ length }) => length)).toEqual([3, 7, 5]);
    const expected = new Float32Array(values.length);
    for (let z = 0; z < 5; z++)
      for (let y = 0; y < 7; y++)
        for (let x = 0; x < 9; x++) {
          let sum = 0;
          kernels[0]!.forEach((a, i) =>
            kernels[1]!.forEach((b, j) =>
              kernels[2]!.forEach((c, k) => {
                const [sz, sy, sx] = [reflect(z + i - 1, 5), reflect(y + j - 3, 7), reflect(x + k - 2, 9)];
                sum += a * b * c * values[(sz * 7 + sy) * 9 + sx]!;
              }),
            ),
          );
          expected[(z * 7 + y) * 9 + x] = sum;
        }
    blur(values, shape, deviations);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it('keeps the mean of what is zero near its borders, and takes from its contrast', () => {
    const values = new Float32Array(12 ** 3);
    for (let z = 4; z < 8; z++)
      for (let y = 4; y < 8; y++) for (let x = 4; x < 8; x++) values[(z * 12 + y) * 12 + x] = 1 + random();
    const before = [meanOf(values), deviationOf(values)] as const;
    blur(values, [12, 12, 12], [0.8, 0.9, 1]);
    expect(meanOf(values)).toBeCloseTo(before[0], 7);
    expect(deviationOf(values)).toBeLessThan(0.9 * before[1]);
  });

  it('works on a single slice', () => {
    const values = new Float32Array(16).fill(2);
    blur(values, [1, 4, 4], [1, 1, 1]);
    values.forEach((value) => expect(value).toBeCloseTo(2, 6));
  });
});

describe('lowering the resolution', () => {
  const shape: Vec3 = [6, 8, 10];

  it('leaves a constant as it is', () => {
    const values = new Float32Array(voxelCount(shape)).fill(-1.25);
    lowerResolution(values, shape, [0.6, 0.6, 0.6]);
    expect(values.every((value) => Math.abs(value + 1.25) < 1e-6)).toBe(true);
  });

  it('leaves everything as it is where all voxels stay', () => {
    const values = floats(voxelCount(shape));
    const before = values.slice();
    lowerResolution(values, shape, [1, 1, 1]);
    expect(values).toEqual(before);
  });

  it('picks the nearest voxels and interpolates between their middles', () => {
    const values = Float32Array.from([10, 20, 40, 30]);
    lowerResolution(values, [1, 1, 4], [1, 1, 0.5]);
    // Of 4 voxels the second and the fourth are picked (torch's nearest-exact); their middles lie at ½ and 2½.
    expect([...values]).toEqual([20, 22.5, 27.5, 30]);
    const column = Float32Array.from([10, 20, 40, 30]);
    lowerResolution(column, [1, 4, 1], [1, 0.5, 1]);
    expect([...column]).toEqual([20, 22.5, 27.5, 30]);
    const depth = Float32Array.from([10, 20, 40, 30]);
    lowerResolution(depth, [4, 1, 1], [0.5, 1, 1]);
    expect([...depth]).toEqual([20, 22.5, 27.5, 30]);
  });
});

describe('gamma', () => {
  it('bends the range between its lowest and highest value', () => {
    const values = Float32Array.from([-1, 0, 1, 3]);
    bendRange(values, { low: -1, high: 3 }, 2);
    expect([...values]).toEqual([-1, -0.75, 0, 3]);
  });

  it('keeps mean and deviation, and the order of values', () => {
    for (const gamma of [0.7, 1.5]) {
      const values = floats(500);
      const before = values.slice();
      changeGamma(values, gamma);
      expect(meanOf(values)).toBeCloseTo(meanOf(before), 5);
      expect(deviationOf(values)).toBeCloseTo(deviationOf(before), 5);
      const order = (of: Float32Array): number[] => [...of.keys()].sort((a, b) => of[a]! - of[b]!);
      expect(order(values)).toEqual(order(before));
      expect(values).not.toEqual(before);
    }
  });

  it('leaves a constant as it is', () => {
    const values = new Float32Array(10).fill(4);
    changeGamma(values, 1.3);
    expect([...values]).toEqual(new Array(10).fill(4));
  });
});

test('contrast scales the distance from the mean, within the range', () => {
  const values = Float32Array.from([0, 1, 2, 5]);
  changeContrast(values, 0.5);
  expect([...values]).toEqual([1, 1.5, 2, 3.5]);
  const wider = Float32Array.from([0, 1, 2, 5]);
  changeContrast(wider, 1.5);
  expect([...wider]).toEqual([0, 0.5, 2, 5]);
});

test('noise is normal, the same in all channels, and the same for the same seed', () => {
  const noise = fillNormal(new Float32Array(200_001), 7);
  expect(meanOf(noise)).toBeCloseTo(0, 2);
  expect(deviationOf(noise)).toBeCloseTo(1, 2);
  const within = (sigmas: number): number =>
    noise.filter((value) => Math.abs(value) < sigmas).length / noise.length;
  expect(within(1)).toBeCloseTo(0.6827, 2);
  expect(within(2)).toBeCloseTo(0.9545, 2);
  const products = noise.map((value, i) => value * (noise[i + 1] ?? 0));
  expect(Math.abs(meanOf(products))).toBeLessThan(0.01);
  expect(fillNormal(new Float32Array(200_001), 7)).toEqual(noise);
  expect(fillNormal(new Float32Array(10), 8)).not.toEqual(noise.slice(0, 10));
  const image = new Float32Array(20);
  addNoise(image, 2, 0.1, 7);
  expect(image.slice(0, 10)).toEqual(image.slice(10));
  expect(image[3]).toBeCloseTo(0.1 * noise[3]!, 6);
});
