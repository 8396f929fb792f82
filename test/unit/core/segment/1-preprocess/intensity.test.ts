import { describe, expect, it } from 'vitest';
import type { Normalization } from '../../../../../main/core/model/segmentation-model.ts';
import {
  intensityMap,
  neededStatistics,
  type IntensityMap,
} from '../../../../../main/core/segment/1-preprocess/intensity-map.ts';
import {
  collectMoments,
  findQuantiles,
} from '../../../../../main/core/segment/1-preprocess/intensity-statistics.ts';
import { loadPlane } from '../../../../../main/core/segment/1-preprocess/load-plane.ts';
import type { Box } from '../../../../../main/core/volume/box.ts';
import { mergeMoments, noMoments, standardDeviation } from '../../../../../main/core/volume/moments.ts';
import { denseView } from '../../../../../main/core/volume/strided-view.ts';
import type { Vec3, Voxels } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

const shapeZyx: Vec3 = [6, 7, 8];
const box: Box = { start: [1, 2, 0], end: [5, 7, 6] };

function inBox(voxels: Voxels): number[] {
  const values: number[] = [];
  for (let z = box.start[0]; z < box.end[0]; z++) {
    for (let y = box.start[1]; y < box.end[1]; y++) {
      for (let x = box.start[2]; x < box.end[2]; x++) values.push(voxels[(z * 7 + y) * 8 + x]);
    }
  }
  return values;
}

describe('collectMoments', () => {
  it('is the mean, deviation and range of the box, in parts and inside a mask', () => {
    const random = createRandom(3);
    // A mean far above the deviation: sums of squares would lose it.
    const voxels = Float64Array.from({ length: 336 }, () => 1e9 + random());
    const mask = Uint8Array.from({ length: 120 }, () => (random() < 0.4 ? 1 : 0));
    for (const used of [null, mask]) {
      const values = inBox(voxels).filter((_, i) => used === null || used[i] !== 0);
      const whole = { voxels, shapeZyx, box, mask: used };
      const moments = mergeMoments(
        collectMoments({ ...whole, from: 0, to: 3 }),
        collectMoments({ ...whole, from: 3, to: 4 }),
      );
      const mean = values.reduce((sum, value) => sum + (value - 1e9), 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - 1e9 - mean) ** 2, 0);
      expect(moments.count).toBe(values.length);
      // 1e9 has a resolution of 1e-7 in float64.
      expect(Math.abs(moments.mean - 1e9 - mean)).toBeLessThan(3e-7);
      expect(Math.abs(standardDeviation(moments) - Math.sqrt(squares / values.length))).toBeLessThan(1e-6);
      expect([moments.min, moments.max]).toEqual([Math.min(...values), Math.max(...values)]);
    }
    expect(collectMoments({ voxels, shapeZyx, box, mask: new Uint8Array(120), from: 0, to: 4 })).toEqual(
      noMoments,
    );
    expect(standardDeviation(noMoments)).toBe(0);
  });
});

describe('findQuantiles', () => {
  it('takes the same ranks from every type', () => {
    const random = createRandom(4);
    const numbers = Array.from({ length: 336 }, () => Math.floor(random() * 200) - 100);
    for (const type of [Int8Array, Int16Array, Int32Array, Float32Array, Float64Array]) {
      const voxels = type.from(numbers);
      const sorted = inBox(voxels).toSorted((a, b) => a - b);
      for (const [low, high] of [
        [0.05, 0.95],
        [0, 1],
        [0.333, 0.5],
      ]) {
        expect(findQuantiles({ voxels, shapeZyx, box, low, high })).toEqual({
          low: sorted[Math.floor(low * 120)],
          high: sorted[Math.ceil(high * 120) - 1],
        });
      }
    }
    const unsigned = Uint16Array.from({ length: 336 }, (_, i) => 65535 - i);
    expect(findQuantiles({ voxels: unsigned, shapeZyx, box, low: 0, high: 1 })).toEqual({
      low: Math.min(...inBox(unsigned)),
      high: Math.max(...inBox(unsigned)),
    });
  });
});

/** What becomes of some values: one row of one slice. */
function normalised(values: readonly number[], map: IntensityMap): number[] {
  const plane = new Float64Array(values.length);
  loadPlane(Float32Array.from(values), denseView([1, 1, values.length]), 0, map, null, plane);
  return [...plane];
}

describe('intensityMap', () => {
  const moments = { count: 4, mean: 10, squares: 16, min: 6, max: 14 };

  it('does what nnU-Net and MeshNet do', () => {
    const ct: Normalization = { kind: 'ct', lower: -100, upper: 300, mean: 50, std: 25 };
    expect(normalised([-1000, -100, 50, 300, 4000], intensityMap(ct, null))).toEqual([-6, -6, 0, 10, 10]);
    const zscore: Normalization = { kind: 'zscore', useMask: false };
    expect(normalised([6, 10, 14], intensityMap(zscore, moments))).toEqual([-2, 0, 2]);
    expect(normalised([6, 10, 14], intensityMap({ kind: 'min-max' }, moments))).toEqual([0, 0.5, 1]);
    expect(normalised([-3, 7.5], intensityMap({ kind: 'none' }, null))).toEqual([-3, 7.5]);
    expect(normalised([0, 51, 255], intensityMap({ kind: 'rgb-to-01' }, null))).toEqual([
      0,
      Math.fround(0.2),
      1,
    ]);
    const quantile: Normalization = { kind: 'quantile', low: 0.05, high: 0.95 };
    expect(normalised([0, 2, 6, 10], intensityMap(quantile, { low: 2, high: 6 }))).toEqual([-0.5, 0, 1, 2]);
  });

  it('keeps a constant image finite', () => {
    const flat = { count: 4, mean: 10, squares: 0, min: 10, max: 10 };
    for (const kind of ['zscore', 'min-max'] as const) {
      expect(normalised([10], intensityMap({ kind, useMask: false } as Normalization, flat))).toEqual([0]);
    }
    const quantile: Normalization = { kind: 'quantile', low: 0.05, high: 0.95 };
    expect(normalised([10], intensityMap(quantile, { low: 10, high: 10 }))).toEqual([0]);
    expect(normalised([5], intensityMap({ kind: 'ct', lower: 0, upper: 9, mean: 5, std: 0 }, null))).toEqual([
      0,
    ]);
  });

  it('says what it needs to know', () => {
    expect(neededStatistics({ kind: 'zscore', useMask: true })).toEqual({ kind: 'moments', masked: true });
    expect(neededStatistics({ kind: 'min-max' })).toEqual({ kind: 'moments', masked: false });
    expect(neededStatistics({ kind: 'none' })).toEqual({ kind: 'none' });
  });
});

describe('loadPlane', () => {
  it('reads any slice of any view, clears what is outside the mask and reports the range of what is left', () => {
    const voxels = Int16Array.from({ length: 24 }, (_, i) => i);
    const flipped = { offset: 23, strides: [-1, -12, -4] as Vec3, shape: [4, 2, 3] as Vec3 };
    const plane = new Float64Array(6);
    const map = { lower: -Infinity, upper: Infinity, subtract: 1, divide: 1 };
    expect(loadPlane(voxels, flipped, 1, map, null, plane)).toEqual({ min: 1, max: 21 });
    expect([...plane]).toEqual([21, 17, 13, 9, 5, 1]);
    const mask = Uint8Array.from(voxels, (i) => (i > 10 ? 1 : 0));
    expect(loadPlane(voxels, flipped, 1, map, { mask, view: flipped }, plane)).toEqual({ min: 0, max: 21 });
    expect([...plane]).toEqual([21, 17, 13, 0, 0, 0]);
  });
});
