import type { Box } from '../../volume/box.ts';
import type { Vec3, Voxels } from '../../volume/volume.ts';

/**
 * Box around the voxels that are not 0 in planes [from, to) along z, or null if all are 0. Taken over all channels
 * and planes with `mergeBoxes`, it is nnU-Net's `crop_to_nonzero` box (filling the holes does not change it).
 * Array axes z, y, x.
 */
export function findNonzeroBox(task: {
  readonly voxels: Voxels;
  readonly shapeZyx: Vec3;
  readonly from: number;
  readonly to: number;
}): Box | null {
  const { voxels, shapeZyx, from, to } = task;
  const [, rows, columns] = shapeZyx;
  let zMin = to;
  let zMax = -1;
  let yMin = rows;
  let yMax = -1;
  let xMin = columns;
  let xMax = -1;
  for (let z = from; z < to; z++) {
    for (let y = 0; y < rows; y++) {
      const row = (z * rows + y) * columns;
      let first = 0;
      while (first < columns && voxels[row + first] === 0) first++;
      if (first === columns) continue;
      // The rest of the row matters only where it is outside what is known.
      let last = columns - 1;
      while (last > xMax && voxels[row + last] === 0) last--;
      if (first < xMin) xMin = first;
      if (last > xMax) xMax = last;
      if (y < yMin) yMin = y;
      if (y > yMax) yMax = y;
      if (z < zMin) zMin = z;
      zMax = z;
    }
  }
  if (zMax < 0) return null;
  return { start: [zMin, yMin, xMin], end: [zMax + 1, yMax + 1, xMax + 1] };
}

/** The smallest box around all of them; null if there is none. */
export function mergeBoxes(boxes: readonly (Box | null)[]): Box | null {
  let merged: Box | null = null;
  for (const box of boxes) {
    if (box === null) continue;
    const known: Box = merged ?? box;
    const low = (axis: 0 | 1 | 2) => Math.min(known.start[axis], box.start[axis]);
    const high = (axis: 0 | 1 | 2) => Math.max(known.end[axis], box.end[axis]);
    merged = { start: [low(0), low(1), low(2)], end: [high(0), high(1), high(2)] };
  }
  return merged;
}
