import { describe, expect, it, test } from 'vitest';
import { cropShape } from '../../../../../main/core/learn/augment/crop-shape.ts';
import { nnunetAugmentation } from '../../../../../main/core/learn/augment/augment-recipe.ts';
import {
  cutLabels,
  cutPatch,
  rotationMatrix,
  type Placement,
} from '../../../../../main/core/learn/augment/move-patch.ts';
import { mirrorPatch } from '../../../../../main/core/learn/augment/mirror-patch.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

const random = createRandom(3);
const floats = (length: number): Float32Array => Float32Array.from({ length }, () => random() - 0.5);
const labelsOf = (length: number, count: number): Uint8Array =>
  Uint8Array.from({ length }, () => Math.floor(random() * count));
const none: Vec3 = [0, 0, 0];
const ones: Vec3 = [1, 1, 1];
const at = ([, n1, n2]: Vec3, z: number, y: number, x: number): number => (z * n1 + y) * n2 + x;

/** Each point by itself: the sum over all voxels of the crop of value × what is left of 1 at their distance along each axis. */
function slowly(
  { shape, patch, matrix }: Placement,
  visit: (index: number, weights: ReadonlyMap<number, number>) => void,
): void {
  const m = matrix!;
  const start = shape.map((size, axis) => Math.floor((size - patch[axis]!) / 2));
  for (let i = 0; i < voxelCount(patch); i++) {
    const voxel = [Math.floor(i / (patch[1] * patch[2])), Math.floor(i / patch[2]) % patch[1], i % patch[2]];
    const fromMiddle = voxel.map((value, axis) => value - (patch[axis]! - 1) / 2);
    const point = [0, 1, 2].map(
      (row) =>
        start[row]! +
        (patch[row]! - 1) / 2 +
        fromMiddle.reduce((sum, value, column) => sum + m[3 * row + column]! * value, 0),
    );
    const weights = new Map<number, number>();
    for (let z = -1; z <= shape[0]; z++)
      for (let y = -1; y <= shape[1]; y++)
        for (let x = -1; x <= shape[2]; x++) {
          const part = [z, y, x].reduce(
            (product, value, axis) => product * Math.max(0, 1 - Math.abs(value - point[axis]!)),
            1,
          );
          const isInside = [z, y, x].every((value, axis) => value >= 0 && value < shape[axis]!);
          const index = isInside ? at(shape, z, y, x) : -1;
          if (part > 0) weights.set(index, (weights.get(index) ?? 0) + part);
        }
    visit(i, weights);
  }
}

describe('moving a patch', () => {
  const shape: Vec3 = [7, 9, 8];
  const patch: Vec3 = [5, 5, 6];
  const matrix = rotationMatrix({ angles: [0.4, -0.3, 0.5], scales: [1.3, 1.3, 1.3] });
  const placement: Placement = { shape, patch, matrix };

  it('interpolates as point by point, zero outside', () => {
    const image = floats(2 * voxelCount(shape));
    const moved = cutPatch(image, 2, placement);
    for (const channel of [0, 1]) {
      slowly(placement, (index, weights) => {
        let sum = 0;
        for (const [voxel, weight] of weights) {
          if (voxel >= 0) sum += weight * image[channel * voxelCount(shape) + voxel]!;
        }
        expect(moved[channel * voxelCount(patch) + index]).toBeCloseTo(sum, 6);
      });
    }
  });

  it('gives each voxel the label that weighs most around its point', () => {
    const labels = labelsOf(voxelCount(shape), 4);
    const moved = cutLabels(labels, placement);
    let differing = 0;
    slowly(placement, (index, weights) => {
      const sums = [0, 0, 0, 0];
      for (const [voxel, weight] of weights) sums[voxel < 0 ? 0 : labels[voxel]!]! += weight;
      expect(sums[moved[index]!]).toBeCloseTo(Math.max(...sums), 9);
      if (sums.filter((sum) => sum > 0).length > 1) differing++;
    });
    expect(differing).toBeGreaterThan(100);
  });

  it('invents no label', () => {
    const labels = labelsOf(voxelCount(shape), 2).map((value) => (value === 1 ? 7 : 0));
    expect([...new Set(cutLabels(labels, placement))].sort()).toEqual([0, 7]);
  });

  it('is the middle of the crop, bit for bit, without rotation and scaling, interpolated or copied', () => {
    const image = floats(voxelCount(shape));
    const labels = labelsOf(voxelCount(shape), 5);
    const still = rotationMatrix({ angles: none, scales: ones });
    const copied = { shape, patch, matrix: null };
    expect(cutPatch(image, 1, { shape, patch, matrix: still })).toEqual(cutPatch(image, 1, copied));
    expect(cutLabels(labels, { shape, patch, matrix: still })).toEqual(cutLabels(labels, copied));
    expect(cutPatch(image, 1, copied)[0]).toBe(image[at(shape, 1, 2, 1)]);
    expect(cutPatch(image, 1, copied).at(-1)).toBe(image[at(shape, 5, 6, 6)]);
  });

  it('reads zeros beyond a crop that is smaller than the patch', () => {
    const small = Float32Array.from({ length: 8 }, (_, i) => i + 1);
    const grown = cutPatch(small, 1, { shape: [2, 2, 2], patch: [4, 4, 4], matrix: null });
    expect(grown.filter((value) => value !== 0)).toEqual(small);
    expect(grown[at([4, 4, 4], 1, 1, 1)]).toBe(1);
  });

  it.each([0, 1, 2] as const)('permutes voxels exactly when it turns by 90° about axis %i', (axis) => {
    const cube: Vec3 = [5, 5, 5];
    const image = floats(125);
    const angles = none.map((_, each) => (each === axis ? Math.PI / 2 : 0)) as unknown as Vec3;
    const turned = cutPatch(image, 1, {
      shape: cube,
      patch: cube,
      matrix: rotationMatrix({ angles, scales: ones }),
    });
    const [a, b] = [0, 1, 2].filter((each) => each !== axis) as [number, number];
    // About axis 1 the other way round, as right-handed rotations are.
    const [from, to] = axis === 1 ? [b, a] : [a, b];
    for (let i = 0; i < 125; i++) {
      const voxel = [Math.floor(i / 25), Math.floor(i / 5) % 5, i % 5];
      const source = [...voxel];
      source[from] = 4 - voxel[to]!;
      source[to] = voxel[from]!;
      expect(turned[i]).toBe(image[at(cube, source[0]!, source[1]!, source[2]!)]);
    }
  });

  it('makes things smaller by a scale above 1', () => {
    const image = new Float32Array(11 ** 3);
    for (let z = 3; z < 8; z++)
      for (let y = 3; y < 8; y++) image.fill(1, at([11, 11, 11], z, y, 3), at([11, 11, 11], z, y, 8));
    const sumAt = (scale: number): number => {
      const matrix = rotationMatrix({ angles: none, scales: [scale, scale, scale] });
      return cutPatch(image, 1, { shape: [11, 11, 11], patch: [11, 11, 11], matrix }).reduce(
        (a, b) => a + b,
        0,
      );
    };
    expect(sumAt(1.25)).toBeLessThan(0.7 * sumAt(1));
    expect(sumAt(0.8)).toBeGreaterThan(1.4 * sumAt(1));
  });
});

test('a crop is large enough to turn the patch in, and has the same middle', () => {
  const patch: Vec3 = [48, 48, 48];
  const shape = cropShape(patch, nnunetAugmentation(patch, []));
  expect(shape).toEqual([78, 78, 78]);
  const ones = new Float32Array(voxelCount(shape)).fill(1);
  for (const axis of [0, 1, 2]) {
    const angles = none.map((_, each) => (each === axis ? Math.PI / 6 : 0)) as unknown as Vec3;
    const matrix = rotationMatrix({ angles, scales: [1.15, 1.15, 1.15] });
    expect(cutPatch(ones, 1, { shape, patch, matrix }).every((value) => Math.abs(value - 1) < 1e-6)).toBe(
      true,
    );
  }
  const flat: Vec3 = [8, 64, 48];
  expect(cropShape(flat, nnunetAugmentation(flat, []))[0]).toBe(8);
});

test('mirroring twice is nothing, and once is the other way round', () => {
  const shape: Vec3 = [2, 3, 4];
  const image = floats(2 * 24);
  for (const axes of [[0], [1], [2], [0, 2], [0, 1, 2]]) {
    const mirrored = mirrorPatch(image, shape, axes);
    expect(mirrored).not.toEqual(image);
    expect(mirrorPatch(mirrored, shape, axes)).toEqual(image);
  }
  expect(mirrorPatch(image, shape, [2])[3]).toBe(image[0]);
  expect(mirrorPatch(image, shape, [1])[8]).toBe(image[0]);
  expect(mirrorPatch(image, shape, [0])[12]).toBe(image[0]);
});
