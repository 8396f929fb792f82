import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import { along, dot, minus } from './vectors.ts';

/** The LPS point (mm) of a voxel index z, y, x, which need not be whole. */
export function lpsOfIndex(grid: Grid, indexZyx: Vec3): Vec3 {
  let point = grid.originLps;
  for (const axis of [0, 1, 2] as const) {
    point = along(point, grid.directionsZyx[axis], indexZyx[axis] * grid.spacingZyxMm[axis]);
  }
  return point;
}

/** The voxel index z, y, x (not rounded) of an LPS point (mm). */
export function indexOfLps(grid: Grid, lps: Vec3): Vec3 {
  const offset = minus(lps, grid.originLps);
  const index = ([0, 1, 2] as const).map(
    (axis) => dot(offset, grid.directionsZyx[axis]) / grid.spacingZyxMm[axis],
  );
  return index as unknown as Vec3;
}

/** The closest index inside the grid, whole where `round`. */
export function clampIndex({ shapeZyx }: Grid, indexZyx: Vec3, round = false): Vec3 {
  const clamped = indexZyx.map((value, axis) =>
    Math.min(shapeZyx[axis]! - 1, Math.max(0, round ? Math.round(value) : value)),
  );
  return clamped as unknown as Vec3;
}

/** The point in the middle of the grid's middle voxels: where a viewer starts. */
export function middleOfGrid(grid: Grid): Vec3 {
  return lpsOfIndex(grid, grid.shapeZyx.map((length) => Math.floor(length / 2)) as unknown as Vec3);
}
