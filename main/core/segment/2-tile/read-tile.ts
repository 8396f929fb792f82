import type { Vec3 } from '../../volume/volume.ts';
import type { TilePlan } from './tile-plan.ts';

/**
 * Copies one tile of the network's input into `into`, [channel, t0, t1, t2], reversed along the axes in `mirrored`.
 * Outside the volume it is 0, which is nnU-Net's padding.
 *
 * @param data [channel, d0, d1, d2] of the unpadded grid
 */
export function readTile(
  data: Float32Array,
  channels: number,
  shape: Vec3,
  plan: Pick<TilePlan, 'tileShape' | 'inside'>,
  start: Vec3,
  mirrored: readonly number[],
  into: Float32Array,
): void {
  const [t0, t1, t2] = plan.tileShape;
  const [n0, n1, n2] = shape;
  const [o0, o1, o2] = start.map((s, a) => s - plan.inside.start[a]);
  const [flip0, flip1, flip2] = [0, 1, 2].map((axis) => mirrored.includes(axis));
  // The part of a row inside the volume, in the tile's unmirrored voxels.
  const from = Math.max(0, -o2);
  const to = Math.min(t2, n2 - o2);
  into.fill(0);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < t0; i++) {
      const z = o0 + i;
      if (z < 0 || z >= n0) continue;
      for (let j = 0; j < t1; j++) {
        const y = o1 + j;
        if (y < 0 || y >= n1 || from >= to) continue;
        const source = ((c * n0 + z) * n1 + y) * n2 + o2;
        const row = ((c * t0 + (flip0 ? t0 - 1 - i : i)) * t1 + (flip1 ? t1 - 1 - j : j)) * t2;
        if (flip2) for (let k = from; k < to; k++) into[row + t2 - 1 - k] = data[source + k];
        else into.set(data.subarray(source + from, source + to), row + from);
      }
    }
  }
}
