import { afterAll, describe, expect, it } from 'vitest';
import { measureLabels } from '../../main/core/segment/6-measure/measure-labels.ts';
import { voxelCount, type Grid, type Vec3 } from '../../main/core/volume/volume.ts';
import { measureResult } from '../../main/engine/measure-result.ts';
import { createPool } from '../../main/engine/pool.ts';
import { resampleToGrid } from '../../main/engine/resample-to-grid.ts';
import { smoothVolume } from '../fixtures/preprocessing.ts';
import { createRandom } from '../fixtures/random.ts';
import { axialGrid } from '../unit/core/volume/orientations.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

describe('resampleToGrid', () => {
  it('returns a volume on the same grid as it is', async () => {
    const grid = axialGrid([3, 4, 5], [1, 1, 1]);
    const volume = { voxels: new Int16Array(60), grid };
    const nearly = { ...grid, originLps: [1e-7, 0, 0] as Vec3 };
    expect(await resampleToGrid(volume, nearly, { pool })).toBe(volume);
  });

  it('moves a channel to where the first one is', async () => {
    const shape: Vec3 = [6, 7, 8];
    const volume = { voxels: smoothVolume(shape), grid: axialGrid(shape, [2, 1, 1]) };
    const shifted: Grid = axialGrid(shape, [2, 1, 1], [2, 1, 2]);
    const moved = await resampleToGrid(volume, shifted, { pool });
    const smallest = Math.min(...volume.voxels);
    expect(moved.grid).toBe(shifted);
    moved.voxels.forEach((value, i) => {
      const [z, y, x] = [Math.floor(i / 56) + 1, (Math.floor(i / 8) % 7) + 1, (i % 8) + 2];
      const inside = z < 6 && y < 7 && x < 8;
      expect(value).toBe(inside ? volume.voxels[(z * 7 + y) * 8 + x] : smallest);
    });
  });
});

describe('measureResult', () => {
  it('measures in the worker threads what is measured in one go', async () => {
    const shape: Vec3 = [37, 11, 13];
    const random = createRandom(12);
    const volume = { voxels: smoothVolume(shape), grid: axialGrid(shape, [1.5, 0.7, 0.7]) };
    const labels = Uint8Array.from({ length: voxelCount(shape) }, () => Math.floor(random() * 4));
    const names = [1, 2, 3, 9].map((value) => ({ value, name: `label ${value}` }));
    const expected = measureLabels(labels, volume, names);
    const measured = await measureResult(labels, volume, names, { pool });
    measured.forEach((measurement, i) => {
      // Partial sums are merged in another grouping.
      expect(measurement.meanIntensity ?? 0).toBeCloseTo(expected[i].meanIntensity ?? 0, 10);
      expect(measurement.sdIntensity ?? 0).toBeCloseTo(expected[i].sdIntensity ?? 0, 10);
      const { meanIntensity: _mean, sdIntensity: _sd, ...exact } = measurement;
      expect(expected[i]).toMatchObject(exact);
    });
  });
});
