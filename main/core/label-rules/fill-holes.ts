import { findParts } from '../volume/find-parts.ts';
import type { Vec3 } from '../volume/volume.ts';

/**
 * Fills the holes of a mask slice by slice across axis 0: parts of its outside (voxels that share edges in the slice)
 * that do not reach the slice's border and have at most `most` voxels.
 */
export function filledInSlices(mask: Uint8Array, shape: Vec3, most = Infinity): Uint8Array {
  const filled = mask.slice();
  const [depth, height, width] = shape;
  for (let z = 0; z < depth; z++) {
    const box = { start: [z, 0, 0], end: [z + 1, height, width] } as const;
    const { partOf, sizes } = findParts(mask, shape, 0, box);
    const isHole = [false, ...sizes.map((size) => size <= most)];
    for (let y = 0; y < height; y++) isHole[partOf[y * width]] = isHole[partOf[(y + 1) * width - 1]] = false;
    for (let x = 0; x < width; x++) isHole[partOf[x]] = isHole[partOf[(height - 1) * width + x]] = false;
    const slice = filled.subarray(z * height * width, (z + 1) * height * width);
    for (let i = 0; i < slice.length; i++) if (isHole[partOf[i]]) slice[i] = 1;
  }
  return filled;
}
