import { roundHalfEven } from '../../volume/round-half-even.ts';
import type { Vec3 } from '../../volume/volume.ts';

/** Voxels along each axis at the target spacing (nnU-Net, `compute_new_shape`), at least one. */
export function resampledShape(shape: Vec3, spacingMm: Vec3, targetSpacingMm: Vec3): Vec3 {
  const size = (axis: 0 | 1 | 2) =>
    Math.max(1, roundHalfEven((spacingMm[axis] / targetSpacingMm[axis]) * shape[axis]));
  return [size(0), size(1), size(2)];
}
