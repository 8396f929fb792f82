import { axisLetters, orient, orientGrid, type Orientation } from './orientation.ts';
import type { Grid, Vec3 } from './volume.ts';

/** Part of the smallest spacing. What decimal strings and float32 affines lose is a hundredth of it at the most. */
const tolerance = 0.1;

/**
 * How the array of `grid` has to be rearranged so that its voxels are those of `target`, at the same places in the
 * patient: other programs store the same image with axes swapped or run backwards. Null where it is another grid, that is
 * where any corner voxel lies more than a tenth of a voxel off.
 */
export function matchGrid(grid: Grid, target: Grid): Orientation | null {
  const orientation = orient(grid, axisLetters(target));
  const turned = orientGrid(grid, orientation);
  if (turned.shapeZyx.some((size, axis) => size !== target.shapeZyx[axis])) return null;
  const limitMm = tolerance * Math.min(...target.spacingZyxMm);
  for (let corner = 0; corner < 8; corner++) {
    const index = target.shapeZyx.map((size, axis) => ((corner >> axis) & 1) * (size - 1));
    const a = positionOf(turned, index as unknown as Vec3);
    const b = positionOf(target, index as unknown as Vec3);
    if (!(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) <= limitMm)) return null;
  }
  return orientation;
}

/** Centre of a voxel, LPS, mm. */
function positionOf({ originLps, spacingZyxMm, directionsZyx }: Grid, index: Vec3): Vec3 {
  return originLps.map((origin, lps) =>
    directionsZyx.reduce(
      (sum, direction, axis) => sum + index[axis] * spacingZyxMm[axis] * direction[lps],
      origin,
    ),
  ) as unknown as Vec3;
}
