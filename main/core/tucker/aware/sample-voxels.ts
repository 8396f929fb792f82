import { SeededRandom } from '../../random/seeded-random.ts';
import type { Space } from './layer-window.ts';

/**
 * Voxels to calibrate on, by tile, ascending. Labels are drawn alike often as far as they have voxels enough, so that
 * small structures count and background does not drown them; the same voxels in every run.
 *
 * @param labels of each tile; negative where no voxel may be taken
 * @param count about as many as are wanted over all tiles
 */
export function sampleVoxels(labels: readonly Int16Array[], count: number, seed = 1): Int32Array[] {
  const present = new Map<number, number>();
  for (const tile of labels)
    for (const label of tile) if (label >= 0) present.set(label, (present.get(label) ?? 0) + 1);
  const left = new Map([...present].map(([label, voxels]) => [label, { voxels, quota: 0 }]));
  shareQuota([...left.values()], count);
  const random = new SeededRandom(seed);
  return labels.map((tile) => {
    const chosen: number[] = [];
    for (let i = 0; i < tile.length; i++) {
      const of = left.get(tile[i]);
      if (of === undefined) continue;
      // Selection sampling (Knuth, TAOCP 3.4.2, algorithm S): exactly `quota` of `voxels`, each alike likely.
      if (random.next() * of.voxels-- < of.quota) {
        of.quota--;
        chosen.push(i);
      }
    }
    return Int32Array.from(chosen);
  });
}

/** Shares `count` out evenly; what a label cannot take goes to those that can. */
function shareQuota(labels: { readonly voxels: number; quota: number }[], count: number): void {
  const scarceFirst = labels.toSorted((a, b) => a.voxels - b.voxels);
  let rest = count;
  scarceFirst.forEach((label, i) => {
    label.quota = Math.min(label.voxels, Math.floor(rest / (scarceFirst.length - i)));
    rest -= label.quota;
  });
}

/** Samples of a layer on a grid of its own, ascending, and how many of the voxels chosen each one stands for. */
export interface LayerSamples {
  readonly positions: Int32Array;
  readonly weights: Float32Array;
}

/** The voxels chosen on the network's grid, on a layer's: the one that each of them lies in. */
export function samplesOnGrid(voxels: Int32Array, from: Space, to: Space): LayerSamples {
  const counts = new Map<number, number>();
  for (const voxel of voxels) {
    const at = [
      Math.floor(voxel / (from[1] * from[2])),
      Math.floor(voxel / from[2]) % from[1],
      voxel % from[2],
    ];
    const [z, y, x] = at.map((index, axis) => Math.floor(((index + 0.5) * to[axis]) / from[axis]));
    const position = (z * to[1] + y) * to[2] + x;
    counts.set(position, (counts.get(position) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    positions: Int32Array.from(sorted, ([position]) => position),
    weights: Float32Array.from(sorted, ([, weight]) => weight),
  };
}
