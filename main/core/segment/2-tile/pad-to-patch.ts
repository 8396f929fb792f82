import type { Box } from '../../volume/box.ts';
import type { Vec3 } from '../../volume/volume.ts';

/** A grid made at least one patch large, and where the unpadded one lies in it. */
export interface Padding {
  readonly paddedShape: Vec3;
  readonly inside: Box;
}

/** Half of what is missing goes below, the rest above (acvl_utils `pad_nd_image`, as nnU-Net's predictor calls it). */
export function padToPatch(shape: Vec3, patch: Vec3): Padding {
  const paddedShape = shape.map((n, a) => Math.max(n, patch[a])) as unknown as Vec3;
  const start = shape.map((n, a) => Math.floor((paddedShape[a] - n) / 2)) as unknown as Vec3;
  const end = shape.map((n, a) => start[a] + n) as unknown as Vec3;
  return { paddedShape, inside: { start, end } };
}
