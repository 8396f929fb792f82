import type { Vec3 } from '../../volume/volume.ts';
import { distancesToNearest, type Surfaces } from './distance-transform.ts';

/** How far the surfaces of two segments of one label lie apart. */
export interface SurfaceAgreement {
  /**
   * Hausdorff distance at the 95th percentile, mm: the larger of the two directions' smallest distance within which
   * 95 % of the surface voxels have one of the other surface.
   */
  readonly hd95Mm: number;
  /** Part of both surfaces' voxels that have one of the other surface within the tolerance (NSD), 0…1. */
  readonly surfaceDice: number;
}

/** Bits of `Surfaces.voxels`; a voxel may have both. */
export const surfaceOfA = 1;
export const surfaceOfB = 2;

/** Distances that are multiples of the spacing may exceed a tolerance that is one by rounding alone. */
const roundingSlack = 1 + 1e-6;
const percentile = 0.95;

/**
 * Compares two surfaces that both have voxels. Distances are Euclidean, from voxel centre to voxel centre.
 *
 * The definitions are those of google-deepmind/surface-distance (Nikolov et al., arXiv 1809.04430:
 * `compute_robust_hausdorff`, `compute_surface_dice_at_tolerance`) with two differences. There a surface is marching
 * cubes' between voxels, each element weighted by its area; here it is the voxels of the segment that have one of
 * their six neighbours outside it, each counted once, so that distances are exact multiples of voxel steps and a
 * segment one voxel thick has one surface, not two. And the border of the image counts as outside.
 */
export function compareSurfaces(
  surfaces: Surfaces,
  spacingZyxMm: Vec3,
  toleranceMm: number,
): SurfaceAgreement {
  const aToB = distancesToNearest(surfaces, surfaceOfA, surfaceOfB, spacingZyxMm);
  const bToA = distancesToNearest(surfaces, surfaceOfB, surfaceOfA, spacingZyxMm);
  const limit = toleranceMm * roundingSlack;
  return {
    hd95Mm: Math.max(valueAtPercentile(aToB), valueAtPercentile(bToA)),
    surfaceDice: (countWithin(aToB, limit) + countWithin(bToA, limit)) / (aToB.length + bToA.length),
  };
}

/** Sorts its argument. */
function valueAtPercentile(distances: Float32Array): number {
  return distances.sort()[Math.ceil(percentile * distances.length) - 1];
}

function countWithin(distances: Float32Array, limit: number): number {
  let count = 0;
  for (const distance of distances) if (distance <= limit) count++;
  return count;
}
