import { afterAll, describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import type { Normalization } from '../../main/core/model/segmentation-model.ts';
import { orientGrid } from '../../main/core/volume/orientation.ts';
import { denseView, orientView } from '../../main/core/volume/strided-view.ts';
import { voxelCount, type Vec3, type Volume } from '../../main/core/volume/volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { preprocessVolumes } from '../../main/engine/preprocess-volume.ts';
import { gather, largestDifference, modelWith, nnunet, smoothVolume } from '../fixtures/preprocessing.ts';
import { allOrientations, axialGrid } from '../unit/core/volume/orientations.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

/** The same image as some other scanner would store it. */
function stored(volume: Volume, orientation: (typeof allOrientations)[number]): Volume {
  const view = orientView(denseView(volume.grid.shapeZyx), orientation);
  return { voxels: Int16Array.from(gather(volume.voxels, view)), grid: orientGrid(volume.grid, orientation) };
}

describe('preprocessVolumes', () => {
  const shape: Vec3 = [9, 14, 12];
  const zscore: Normalization = { kind: 'zscore', useMask: false };

  it('gives the same network input whichever way the image is stored', async () => {
    // One axis is separate for the second model, none for the first; the third zooms.
    const models = [
      modelWith([zscore], { orientation: 'SAR', spacingMm: [1.5, 1.2, 1], transposeForward: [1, 2, 0] }),
      modelWith([zscore], { orientation: 'SAR', spacingMm: [1.5, 5, 1] }),
      modelWith([zscore], {
        orientation: 'LIA',
        spacingMm: [1, 1.5, 1],
        resampling: { kind: 'totalsegmentator', dataOrder: 3 },
      }),
    ];
    const volume: Volume = { voxels: smoothVolume(shape), grid: axialGrid(shape, [2, 1, 0.8], [5, -3, 8]) };
    for (const model of models) {
      const expected = await preprocessVolumes([volume], model, { pool });
      for (const orientation of allOrientations) {
        const result = await preprocessVolumes([stored(volume, orientation)], model, { pool });
        expect(result.shape).toEqual(expected.shape);
        // The axes are resampled in another order, and rounded to float32 between.
        const difference = largestDifference(result.data, expected.data);
        const tolerance = model.resampling.kind === 'nnunet' ? 2e-6 : TRUNCATED_STEP;
        expect(difference).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('says how labels get back to the grid that was read', async () => {
    const voxels = new Int16Array(voxelCount(shape));
    // One voxel that is not 0: the box is that voxel, and the plan leads back to it.
    voxels[(2 * 14 + 5) * 12 + 10] = 7;
    const volume: Volume = { voxels, grid: axialGrid(shape, [1, 1, 1]) };
    for (const orientation of allOrientations) {
      const read = stored(volume, orientation);
      const model = modelWith([{ kind: 'none' }], {
        orientation: 'SAR',
        spacingMm: [1, 1, 1],
        transposeForward: [2, 0, 1],
      });
      const { data, croppedShape, restore } = await preprocessVolumes([read], model, { pool });
      expect([...data]).toEqual([7]);
      expect(croppedShape).toEqual([1, 1, 1]);
      const { inputShapeZyx, permutation, flips, box } = restore;
      const index: number[] = [];
      permutation.forEach((axis, i) => {
        index[axis] = flips[i] ? inputShapeZyx[axis] - 1 - box.start[i] : box.start[i];
      });
      expect(read.voxels[(index[0] * inputShapeZyx[1] + index[1]) * inputShapeZyx[2] + index[2]]).toBe(7);
    }
  });

  it('crops after the zoom where TotalSegmentator does', async () => {
    const padded = new Int16Array(voxelCount([20, 20, 20]));
    for (let z = 8; z < 12; z++) {
      for (let y = 8; y < 12; y++) padded.fill(500, (z * 20 + y) * 20 + 8, (z * 20 + y) * 20 + 12);
    }
    const model = modelWith([{ kind: 'none' }], {
      spacingMm: [2, 2, 2],
      resampling: { kind: 'totalsegmentator', dataOrder: 1 },
    });
    const volume = { voxels: padded, grid: axialGrid([20, 20, 20], [1, 1, 1]) };
    const { shape, croppedShape, restore } = await preprocessVolumes([volume], model, { pool });
    expect(croppedShape).toEqual([20, 20, 20]);
    expect(restore.box).toEqual({ start: [0, 0, 0], end: [20, 20, 20] });
    // Zoomed voxels are 19/9 apart: only 4 and 5, at 8.4 and 10.6, lie among the source's 8 … 11.
    expect(restore.zoomed).toEqual({ shape: [10, 10, 10], box: { start: [4, 4, 4], end: [6, 6, 6] } });
    expect(shape).toEqual([2, 2, 2]);
  });

  it('leaves an image alone that is as the model wants it', async () => {
    const voxels = smoothVolume(shape);
    const grid = axialGrid(shape, [3, 3, 3]);
    for (const resampling of [nnunet, { kind: 'totalsegmentator', dataOrder: 3 } as const]) {
      const model = modelWith([{ kind: 'none' }], { spacingMm: [3, 3, 3], resampling });
      const { data } = await preprocessVolumes([{ voxels, grid }], model, { pool });
      expect([...data]).toEqual([...voxels]);
    }
  });

  it('keeps the whole image where all of it is 0', async () => {
    const volume = { voxels: new Int16Array(voxelCount(shape)), grid: axialGrid(shape, [1, 1, 1]) };
    const model = modelWith([{ kind: 'zscore', useMask: true }], { spacingMm: [1, 1, 1] });
    const { data, restore } = await preprocessVolumes([volume], model, { pool });
    expect(restore.box).toEqual({ start: [0, 0, 0], end: shape });
    expect(new Set(data)).toEqual(new Set([0]));
  });

  it('tells how far it is, never backwards, and ends at the end', async () => {
    const volume = { voxels: smoothVolume(shape), grid: axialGrid(shape, [1, 1, 1]) };
    const model = modelWith([zscore, zscore], { spacingMm: [1.5, 1.5, 1.5] });
    const parts: number[] = [];
    const onProgress = (done: number, total: number) => parts.push(done / total);
    await preprocessVolumes([volume, volume], model, { pool, onProgress });
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(parts.at(-1)).toBe(1);
  });

  it('stops when cancelled', async () => {
    const volume = { voxels: smoothVolume([64, 128, 128]), grid: axialGrid([64, 128, 128], [1, 1, 1]) };
    const model = modelWith([zscore], { spacingMm: [0.6, 0.6, 0.6] });
    const abort = new AbortController();
    const running = preprocessVolumes([volume], model, {
      pool,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses what a model cannot ask for', async () => {
    const volume = { voxels: smoothVolume(shape), grid: axialGrid(shape, [1, 1, 1]) };
    const refused = [
      [
        modelWith([zscore], { spacingMm: [2, 2, 2], resampling: { ...nnunet, dataOrder: 2 } }),
        'model-refused',
      ],
      [modelWith([zscore], { spacingMm: [2, 2, 2], orientation: 'UP!' }), 'model-refused'],
      [modelWith([zscore], { spacingMm: [1e-6, 1, 1] }), 'out-of-memory'],
    ] as const;
    for (const [model, code] of refused) {
      const failure = await preprocessVolumes([volume], model, { pool }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AppFailure);
      expect((failure as AppFailure).error.code).toBe(code);
    }
  });
});

/**
 * For the zoom: a value within rounding of an integer can be cut off on either side of it: one grey value, over the standard
 * deviation of `smoothVolume` (above 200).
 */
const TRUNCATED_STEP = 1 / 200;
