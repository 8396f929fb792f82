import { mapIndices } from '../core/volume/resample/resample-to-grid.ts';
import { mergeMoments, noMoments } from '../core/volume/moments.ts';
import { voxelCount, type Grid, type Volume } from '../core/volume/volume.ts';
import { shareVoxels, sharedFloat32 } from './shared-array.ts';
import { createTaskRunner, type TaskContext } from './task-runner.ts';

/**
 * Brings a channel onto the grid of another, in patient space (LPS): trilinear, and the smallest value of the volume
 * where it has no voxel. A volume on that grid already is returned as it is.
 */
export async function resampleToGrid(volume: Volume, grid: Grid, context: TaskContext): Promise<Volume> {
  if (isSameGrid(volume.grid, grid)) return volume;
  const runner = createTaskRunner(context);
  const voxels = shareVoxels(volume.voxels);
  const { shapeZyx } = volume.grid;
  const box = { start: [0, 0, 0], end: shapeZyx } as const;
  const parts = await runner.overRange('collectMoments', shapeZyx[0], (range) => ({
    voxels,
    shapeZyx,
    box,
    mask: null,
    ...range,
  }));
  const { min } = parts.reduce(mergeMoments, noMoments);
  const out = sharedFloat32(voxelCount(grid.shapeZyx));
  await runner.overRange('resampleToGridPlanes', grid.shapeZyx[0], (range) => ({
    voxels,
    sourceShapeZyx: shapeZyx,
    targetShapeZyx: grid.shapeZyx,
    indexMap: mapIndices(grid, volume.grid),
    outside: min,
    ...range,
    out,
  }));
  return { voxels: out, grid };
}

/** Equal but for rounding: no voxel centre is further off than a thousandth of a voxel. */
function isSameGrid(a: Grid, b: Grid): boolean {
  if (a.shapeZyx.some((size, axis) => size !== b.shapeZyx[axis])) return false;
  const { offset, steps } = mapIndices(a, b);
  const tolerance = 1e-3;
  if (offset.some((index) => Math.abs(index) > tolerance)) return false;
  return steps.every((step, t) =>
    step.every((value, s) => Math.abs(value - (s === t ? 1 : 0)) * a.shapeZyx[t] < tolerance),
  );
}
