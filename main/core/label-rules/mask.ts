import type { Parts } from '../volume/find-parts.ts';
import { findParts } from '../volume/find-parts.ts';
import type { Vec3 } from '../volume/volume.ts';

/** 1 where `is` says so. Masks are [d0, d1, d2], 0 or 1. */
export function maskWhere(voxels: number, is: (at: number) => boolean): Uint8Array {
  const mask = new Uint8Array(voxels);
  for (let i = 0; i < voxels; i++) if (is(i)) mask[i] = 1;
  return mask;
}

/** The parts of a mask whose voxels share faces, numbered from 1 in C order of their first voxels. */
export function partsOf(mask: Uint8Array, shape: Vec3): Parts {
  return findParts(mask, shape, 1, { start: [0, 0, 0], end: shape });
}

/** The voxels of the parts that are wanted. `isWanted[part]`, part from 1. */
export function joinedParts({ partOf }: Parts, isWanted: readonly boolean[]): Uint8Array {
  return maskWhere(partOf.length, (i) => isWanted[partOf[i]] === true && partOf[i] !== 0);
}

/** For each part, from 1, the numbers of its voxels in C order; element 0 is empty. */
export function voxelsOfParts({ partOf, sizes }: Parts): Uint32Array[] {
  const voxels = [new Uint32Array(0), ...sizes.map((size) => new Uint32Array(size))];
  const filled = new Uint32Array(voxels.length);
  for (let i = 0; i < partOf.length; i++) {
    const part = partOf[i];
    if (part !== 0) voxels[part][filled[part]++] = i;
  }
  return voxels;
}
