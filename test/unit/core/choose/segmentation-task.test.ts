import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countTiles,
  describeTask,
  tileLadder,
  tileVoxels,
} from '../../../../main/core/choose/segmentation-task.ts';
import type { SegmentationModel } from '../../../../main/core/model/segmentation-model.ts';
import { planTiles } from '../../../../main/core/segment/2-tile/plan-tiles.ts';
import { voxelCount, type Vec3 } from '../../../../main/core/volume/volume.ts';
import { axialGrid } from '../volume/orientations.ts';

const gaussian = { kind: 'gaussian', step: 0.5 } as const;

const shapes = (max: number) =>
  fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max }))) as fc.Arbitrary<[number, number, number]>;

describe('countTiles and tileVoxels', () => {
  it('are those of the plan', () => {
    const tilings = fc.oneof(
      fc.constantFrom(0.5, 0.3, 1).map((step) => ({ kind: 'gaussian', step }) as const),
      fc
        .constantFrom<Vec3>([0, 0, 0], [1, 2, 1])
        .map((marginVoxels) => ({ kind: 'margin', marginVoxels }) as const),
    );
    fc.assert(
      fc.property(shapes(40), shapes(8), tilings, (shape, extra, tiling) => {
        const patch = extra.map((n) => n + 4) as unknown as Vec3;
        const plan = planTiles({ patch, tiling }, shape);
        expect(countTiles(shape, patch, tiling)).toBe(plan.tiles.length);
        expect(tileVoxels(shape, patch, tiling)).toBe(voxelCount(plan.tileShape));
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('tileLadder', () => {
  it('keeps to what the poolings of nnU-Net divide by', () => {
    // Five poolings of 128; four of 112 (7·16); two of 20 and 28; none of 5.
    expect(tileLadder([128, 128, 128], gaussian)).toEqual([
      [128, 128, 128],
      [96, 96, 96],
    ]);
    expect(tileLadder([112, 112, 128], gaussian)).toEqual([
      [112, 112, 128],
      [80, 80, 96],
    ]);
    expect(tileLadder([20, 28, 256], gaussian)).toEqual([
      [20, 28, 256],
      [12, 20, 192],
    ]);
    expect(tileLadder([5, 5, 5], gaussian)).toEqual([
      [5, 5, 5],
      [3, 3, 3],
    ]);
  });

  it('goes further down where the result stays the same, as far as the margins let it', () => {
    const margin = (n: number) => ({ kind: 'margin', marginVoxels: [n, n, n] }) as const;
    expect(tileLadder([96, 96, 96], margin(20)).map(([n]) => n)).toEqual([96, 64, 48]);
    expect(tileLadder([96, 96, 96], margin(5)).map(([n]) => n)).toEqual([96, 64, 48, 16]);
    // No tile would do, which is for the plan to refuse.
    expect(tileLadder([96, 96, 96], margin(50))).toEqual([[96, 96, 96]]);
  });
});

describe('describeTask', () => {
  const model: SegmentationModel = {
    name: 'm',
    source: 'nnunet',
    channels: [{ name: 'CT', modality: 'CT', normalization: { kind: 'none' } }],
    labels: [],
    decision: { kind: 'argmax', values: [0, 1] },
    orientation: 'as-read',
    transposeForward: [1, 0, 2],
    spacingMm: [3, 1.5, 2],
    patch: [32, 64, 32],
    tiling: gaussian,
    mirrorAxes: [0, 2],
    cropToNonzero: false,
    resampling: {
      kind: 'nnunet',
      dataOrder: 3,
      dataOrderZ: 0,
      logitsOrder: 1,
      logitsOrderZ: 0,
      forceSeparateZ: null,
    },
    licence: '',
  };

  it('is about the grid that the network sees', () => {
    const grid = axialGrid([40, 100, 120], [1.5, 0.6, 0.5]);
    const task = describeTask(model, grid, { folds: 5, planeChannels: 7, otherSeconds: 3 });
    // Axis 0 is y: 100 · 0.6 / 3; axis 1 is z: 40 · 1.5 / 1.5; axis 2 is x: 120 · 0.5 / 2.
    expect(task.networkShape).toEqual([20, 40, 30]);
    expect(task.runsPerTile).toBe(4 * 5);
    expect(task.otherSeconds).toBe(3);
    // 3 bytes a voxel as read, 4 as input, 4 · 7 for the planes in flight.
    const fixed = 400 * 2 ** 20;
    expect(task.hostBytes - fixed).toBe(3 * 480_000 + 4 * 24_000 + 4 * 7 * 24_000);
  });

  it('turns the grid as the model wants it', () => {
    const grid = axialGrid([40, 100, 120], [1.5, 1.5, 1.5]);
    const turned = {
      ...model,
      orientation: 'RAS',
      transposeForward: [0, 1, 2] as Vec3,
      spacingMm: [1.5, 1.5, 1.5] as Vec3,
    };
    const task = describeTask(turned, grid, { folds: 1, planeChannels: 2, otherSeconds: 0 });
    expect(task.networkShape).toEqual([120, 100, 40]);
  });
});
