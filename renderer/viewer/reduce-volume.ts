import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import type { PlaneVoxels } from './load-planes.ts';

/** The grid of every `step`-th voxel, the first one first. */
export function reduceGrid(grid: Grid, stepZyx: Vec3): Grid {
  const each = (values: Vec3, of: (value: number, step: number) => number) =>
    values.map((value, axis) => of(value, stepZyx[axis]!)) as unknown as Vec3;
  return {
    ...grid,
    shapeZyx: each(grid.shapeZyx, (length, step) => Math.ceil(length / step)),
    spacingZyxMm: each(grid.spacingZyxMm, (spacing, step) => spacing * step),
  };
}

/** Every `step`-th voxel of a plane of `rows` × `columns`; the plane itself where all are kept. */
export function reducePlane(
  voxels: PlaneVoxels,
  [rows, columns]: readonly [number, number],
  [stepY, stepX]: readonly [number, number],
): PlaneVoxels {
  if (stepY === 1 && stepX === 1) return voxels;
  const width = Math.ceil(columns / stepX);
  const reduced = new (voxels.constructor as new (length: number) => PlaneVoxels)(
    Math.ceil(rows / stepY) * width,
  );
  let at = 0;
  for (let y = 0; y < rows; y += stepY) {
    for (let x = 0; x < columns; x += stepX) reduced[at++] = voxels[y * columns + x]!;
  }
  return reduced;
}
