import { resampledShape } from '../segment/1-preprocess/resampled-shape.ts';
import { resampleSmoothed } from '../volume/resample/resample-smoothed.ts';
import type { Vec3, Volume } from '../volume/volume.ts';
import type { Top } from './find-trachea.ts';
import { rulesSpacingMm } from './grid-units.ts';

/** A CT as `labelCtTissue` takes it. */
export interface RulesImage {
  /** HU, [z, y, x] of `shapeZyx`, 3 mm apart. */
  readonly hu: Float32Array;
  readonly shapeZyx: Vec3;
  readonly top: Top;
}

/**
 * A CT on the grid of the label rules: Gaussian smoothing against aliasing, then linear.
 *
 * @param ct HU, axis 0 along the patient
 * @throws TooManyVoxelsError
 */
export function toRulesGrid({ voxels, grid }: Volume): RulesImage {
  const spacing: Vec3 = [rulesSpacingMm, rulesSpacingMm, rulesSpacingMm];
  const shapeZyx = resampledShape(grid.shapeZyx, grid.spacingZyxMm, spacing);
  // LPS: the third coordinate grows towards the head.
  const top = grid.directionsZyx[0][2] < 0 ? 'first' : 'last';
  return { hu: resampleSmoothed(voxels, grid.shapeZyx, shapeZyx), shapeZyx, top };
}
