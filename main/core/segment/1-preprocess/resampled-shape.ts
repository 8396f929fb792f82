import { roundHalfEven } from '../../volume/round-half-even.ts';
import { voxelCount, type Vec3 } from '../../volume/volume.ts';

/** 4 GiB as float32: more than the machines this is for can hold beside the network. */
const MOST_VOXELS = 2 ** 30;
/** Scratch memory grows with the longest axis; no scanner comes near it. */
const LONGEST_AXIS = 2 ** 14;

/** An image that would have too many voxels at the spacing a model asks for. */
export class TooManyVoxelsError extends Error {
  constructor(shape: Vec3, spacingMm: Vec3) {
    super(
      `at the model's spacing of ${spacingMm.join(' × ')} mm the image would have ${shape.join(' × ')} voxels`,
    );
    this.name = 'TooManyVoxelsError';
  }
}

/**
 * Voxels along each axis at the target spacing (nnU-Net, `compute_new_shape`), at least one.
 *
 * @throws TooManyVoxelsError before anything of that size is made
 */
export function resampledShape(shape: Vec3, spacingMm: Vec3, targetSpacingMm: Vec3): Vec3 {
  const size = (axis: 0 | 1 | 2) =>
    Math.max(1, roundHalfEven((spacingMm[axis] / targetSpacingMm[axis]) * shape[axis]));
  const resampled: Vec3 = [size(0), size(1), size(2)];
  // Written so that NaN is refused too.
  const fits = voxelCount(resampled) <= MOST_VOXELS && Math.max(...resampled) <= LONGEST_AXIS;
  if (!fits) throw new TooManyVoxelsError(resampled, targetSpacingMm);
  return resampled;
}
