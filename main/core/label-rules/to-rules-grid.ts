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

/** A volume whose first axis does not run along the patient: the rules go from slice to slice along it. */
export class NotAxialError extends Error {
  constructor() {
    super('The label rules need axial slices, and these are not.');
    this.name = 'NotAxialError';
  }
}

/**
 * A CT on the grid of the label rules: Gaussian smoothing against aliasing, then linear.
 *
 * @param ct HU, axial slices in either order
 * @throws NotAxialError
 * @throws TooManyVoxelsError
 */
export function toRulesGrid({ voxels, grid }: Volume): RulesImage {
  // LPS: the third coordinate grows towards the head.
  const upwards = grid.directionsZyx[0][2];
  if (Math.abs(upwards) < Math.SQRT1_2) throw new NotAxialError();
  const spacing: Vec3 = [rulesSpacingMm, rulesSpacingMm, rulesSpacingMm];
  const shapeZyx = resampledShape(grid.shapeZyx, grid.spacingZyxMm, spacing);
  const hu = resampleSmoothed(voxels, grid.shapeZyx, shapeZyx);
  return { hu, shapeZyx, top: upwards < 0 ? 'first' : 'last' };
}
