import type { Grid, Vec3 } from '../volume/volume.ts';

/** The array axis that a plane cuts; null for a ball instead of a disc. */
export type BrushPlane = 0 | 1 | 2 | null;

/**
 * Numbers (z, y, x) of the voxels whose centre lies within `radiusMm` of a point, in millimetres, so that a brush is round
 * on any spacing; always at least the voxel at the point itself, where that is inside.
 *
 * @param centerZyx voxel index, need not be whole
 * @param plane only voxels of the slice through the point across this axis
 */
export function brushVoxels(
  { shapeZyx, spacingZyxMm }: Pick<Grid, 'shapeZyx' | 'spacingZyxMm'>,
  centerZyx: Vec3,
  radiusMm: number,
  plane: BrushPlane,
): number[] {
  const [, rows, columns] = shapeZyx;
  const whole = centerZyx.map(Math.round) as unknown as Vec3;
  const reach = spacingZyxMm.map((spacing, axis) => (axis === plane ? 0 : Math.ceil(radiusMm / spacing)));
  const low = whole.map((index, axis) => Math.max(0, index - reach[axis]!));
  const high = whole.map((index, axis) => Math.min(shapeZyx[axis]! - 1, index + reach[axis]!));
  const squared = (axis: 0 | 1 | 2, index: number): number =>
    axis === plane ? 0 : ((index - centerZyx[axis]) * spacingZyxMm[axis]) ** 2;
  const voxels: number[] = [];
  for (let z = low[0]!; z <= high[0]!; z++) {
    for (let y = low[1]!; y <= high[1]!; y++) {
      for (let x = low[2]!; x <= high[2]!; x++) {
        const isCenter = z === whole[0] && y === whole[1] && x === whole[2];
        const distance = squared(0, z) + squared(1, y) + squared(2, x);
        if (isCenter || distance <= radiusMm ** 2) voxels.push((z * rows + y) * columns + x);
      }
    }
  }
  return voxels;
}

/** Points from one to another, both included, at most `stepMm` apart: a fast stroke leaves no gaps. */
export function strokePoints(
  { spacingZyxMm }: Pick<Grid, 'spacingZyxMm'>,
  from: Vec3,
  to: Vec3,
  stepMm: number,
): Vec3[] {
  const lengthMm = Math.hypot(...to.map((end, axis) => (end - from[axis]!) * spacingZyxMm[axis]!));
  const steps = Math.max(1, Math.ceil(lengthMm / stepMm));
  return Array.from(
    { length: steps + 1 },
    (_, i) => to.map((end, axis) => from[axis]! + ((end - from[axis]!) * i) / steps) as unknown as Vec3,
  );
}
