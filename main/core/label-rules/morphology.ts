import { distancesToNearest } from '../volume/distance-transform.ts';
import type { Vec3 } from '../volume/volume.ts';

/** Distances are square roots in single precision. */
const rounding = 1e-4;
const isReached = 2;
const isAsked = 1;

// Masks are [d0, d1, d2], 0 or 1. Structuring elements are balls: all voxels whose centre lies within `radius` voxels,
// so that each operation is a threshold of the exact distance transform. Beyond the border there is nothing to reach
// and nothing that eats away: a mask that touches it keeps touching it.

/** Voxels within `radius` of the mask. */
export function dilated(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  return withinBall(mask, shape, 1, radius);
}

/** Voxels of the mask that have no voxel outside it within `radius`. */
export function eroded(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  const near = withinBall(mask, shape, 0, radius);
  for (let i = 0; i < near.length; i++) near[i] = 1 - near[i];
  return near;
}

/** What balls inside the mask cover. */
export function opened(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  return dilated(eroded(mask, shape, radius), shape, radius);
}

/** The mask and all that balls outside it cannot cover. */
export function closed(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  return eroded(dilated(mask, shape, radius), shape, radius);
}

/** 1 where a voxel of `value` lies within `radius` of the centre, itself included. */
function withinBall(mask: Uint8Array, shape: Vec3, value: 0 | 1, radius: number): Uint8Array {
  const voxels = mask.map((voxel) => (voxel === value ? isReached : isAsked));
  const distances = distancesToNearest({ voxels, shape }, isAsked, isReached, [1, 1, 1]);
  let asked = 0;
  for (let i = 0; i < voxels.length; i++) {
    voxels[i] = voxels[i] === isReached || distances[asked++] <= radius + rounding ? 1 : 0;
  }
  return voxels;
}
