import { distancesToNearest } from '../volume/distance-transform.ts';
import { voxelCount, type Vec3 } from '../volume/volume.ts';

/** Distances are square roots in single precision. */
const rounding = 1e-4;
const isReached = 2;
const isAsked = 1;

// Masks are [d0, d1, d2], 0 or 1. Structuring elements are balls: all voxels whose centre lies within `radius` voxels,
// so that each operation is a threshold of the exact distance transform. Beyond the border there is nothing to reach
// and nothing that eats away: an opened mask that touches it keeps touching it.

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

/**
 * The mask and all that balls outside it cannot cover. Balls have room beyond the border, so that what lies between the mask
 * and the border stays open.
 */
export function closed(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  const margin = Math.ceil(radius);
  const roomy: Vec3 = [shape[0] + 2 * margin, shape[1] + 2 * margin, shape[2] + 2 * margin];
  const start: Vec3 = [margin, margin, margin];
  const padded = new Uint8Array(voxelCount(roomy));
  forRows(shape, roomy, start, (row, at) => padded.set(mask.subarray(row, row + shape[2]), at));
  const wide = eroded(dilated(padded, roomy, radius), roomy, radius);
  const result = new Uint8Array(mask.length);
  forRows(shape, roomy, start, (row, at) => result.set(wide.subarray(at, at + shape[2]), row));
  return result;
}

/** Where each row of a grid begins, in it and in a larger grid in which its first voxel is `start`. */
function forRows(shape: Vec3, larger: Vec3, start: Vec3, visit: (row: number, at: number) => void): void {
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      const at = ((z + start[0]) * larger[1] + y + start[1]) * larger[2] + start[2];
      visit((z * shape[1] + y) * shape[2], at);
    }
  }
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
