import type { Vec3 } from '../../volume/volume.ts';

/** Mirrors a patch [channels, d0, d1, d2] along the given axes (0, 1, 2), out of place; the patch itself without any. */
export function mirrorPatch<T extends Float32Array | Uint8Array>(
  patch: T,
  [d0, d1, d2]: Vec3,
  axes: readonly number[],
): T {
  if (axes.length === 0) return patch;
  const mirrored = patch.slice() as T;
  const [flip0, flip1, flip2] = [0, 1, 2].map((axis) => axes.includes(axis));
  const voxels = d0 * d1 * d2;
  for (let from = 0; from < patch.length; from += voxels) {
    for (let z = 0; z < d0; z++) {
      for (let y = 0; y < d1; y++) {
        const row = from + ((flip0 ? d0 - 1 - z : z) * d1 + (flip1 ? d1 - 1 - y : y)) * d2;
        const to = from + (z * d1 + y) * d2;
        if (flip2) for (let x = 0; x < d2; x++) mirrored[to + x] = patch[row + d2 - 1 - x]!;
        else mirrored.set(patch.subarray(row, row + d2), to);
      }
    }
  }
  return mirrored;
}
