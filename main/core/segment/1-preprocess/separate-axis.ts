import type { Vec3 } from '../../volume/volume.ts';

/** nnU-Net's ANISO_THRESHOLD: a spacing ratio strictly above it makes one axis low-resolution. */
const ANISOTROPY_THRESHOLD = 3;

/**
 * The axis that is resampled on its own because its slices are thick, or null (nnU-Net,
 * `determine_do_sep_z_and_axis`). Null too where two axes share the largest spacing.
 *
 * @param currentSpacingMm of the data as they are
 * @param targetSpacingMm asked only where the current spacing is not anisotropic
 * @param force null: decide by the spacing ratio
 */
export function separateAxis(
  currentSpacingMm: Vec3,
  targetSpacingMm: Vec3,
  force: boolean | null,
): number | null {
  if (force === false) return null;
  if (force === true) return lowResolutionAxis(currentSpacingMm);
  if (isAnisotropic(currentSpacingMm)) return lowResolutionAxis(currentSpacingMm);
  if (isAnisotropic(targetSpacingMm)) return lowResolutionAxis(targetSpacingMm);
  return null;
}

function isAnisotropic(spacingMm: Vec3): boolean {
  return Math.max(...spacingMm) / Math.min(...spacingMm) > ANISOTROPY_THRESHOLD;
}

function lowResolutionAxis(spacingMm: Vec3): number | null {
  const largest = Math.max(...spacingMm);
  const axis = spacingMm.indexOf(largest);
  return spacingMm.lastIndexOf(largest) === axis ? axis : null;
}
