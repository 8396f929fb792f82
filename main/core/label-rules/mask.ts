import { findParts, type Parts } from '../volume/find-parts.ts';
import type { Vec3 } from '../volume/volume.ts';

// Masks are [d0, d1, d2], 0 or 1.

/** 1 where `is` says so of a voxel's number. */
export function maskWhere(voxels: number, is: (at: number) => boolean): Uint8Array {
  const mask = new Uint8Array(voxels);
  for (let i = 0; i < voxels; i++) if (is(i)) mask[i] = 1;
  return mask;
}

/** The parts of a mask whose voxels share faces, numbered from 1 in C order of their first voxels. */
export function partsOf(mask: Uint8Array, shape: Vec3): Parts {
  return findParts(mask, shape, 1, { start: [0, 0, 0], end: shape });
}

/** The voxels of the parts that are wanted. Parts are numbered from 1. */
export function partsWhere(
  { partOf, sizes }: Parts,
  isWanted: (part: number, voxels: number) => boolean,
): Uint8Array {
  const wanted = [false, ...sizes.map((size, i) => isWanted(i + 1, size))];
  return maskWhere(partOf.length, (i) => wanted[partOf[i]]);
}

/** Numbers of the voxels of each part in C order; element 0 is empty, since parts are numbered from 1. */
export function voxelsOfParts({ partOf, sizes }: Parts): Uint32Array[] {
  const voxels = [new Uint32Array(0), ...sizes.map((size) => new Uint32Array(size))];
  const filled = new Uint32Array(voxels.length);
  for (let i = 0; i < partOf.length; i++) {
    const part = partOf[i];
    if (part !== 0) voxels[part][filled[part]++] = i;
  }
  return voxels;
}

/** The parts of a mask that hold a core. */
export function partsWithCore(mask: Uint8Array, shape: Vec3, isCore: (at: number) => boolean): Uint8Array {
  const parts = partsOf(mask, shape);
  const hasCore = new Uint8Array(parts.sizes.length + 1);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && isCore(i)) hasCore[parts.partOf[i]] = 1;
  return partsWhere(parts, (part) => hasCore[part] === 1);
}
