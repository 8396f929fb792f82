import { voxelCount, type Vec3 } from '../../volume/volume.ts';

/** Of each voxel along an axis of a resampled grid, the nearest one of the grid before (half-pixel centres). */
export function nearestAlong(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.max(0, Math.floor(((i + 0.5) * from) / to))),
  );
}

/** Labels [z, y, x] on another grid over the same extent, by nearest neighbour. */
export function resampleLabels(labels: Uint8Array, from: Vec3, to: Vec3): Uint8Array {
  const [zs, ys, xs] = from.map((size, axis) => nearestAlong(size, to[axis]!)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const out = new Uint8Array(voxelCount(to));
  let at = 0;
  for (const z of zs)
    for (const y of ys) for (const x of xs) out[at++] = labels[(z * from[1] + y) * from[2] + x]!;
  return out;
}
