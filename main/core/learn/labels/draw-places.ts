import type { SeededRandom } from '../../random/seeded-random.ts';
import type { Vec3 } from '../../volume/volume.ts';

/**
 * Voxels (d0, d1, d2) of each label but 0, at most so many of each, any of them as likely (reservoir sampling): to centre patches
 * on.
 *
 * @param labels [...shape]
 * @returns by label, those that there are, in ascending order
 */
export function drawPlaces(
  labels: Uint8Array,
  [, n1, n2]: Vec3,
  most: number,
  random: SeededRandom,
): ReadonlyMap<number, readonly Vec3[]> {
  const kept = new Map<number, number[]>();
  const seen = new Uint32Array(256);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === 0) continue;
    const count = ++seen[label]!;
    const places = kept.get(label);
    if (!places) kept.set(label, [i]);
    else if (places.length < most) places.push(i);
    else {
      const at = random.below(count);
      if (at < most) places[at] = i;
    }
  }
  const voxelOf = (i: number): Vec3 => [Math.floor(i / (n1 * n2)), Math.floor(i / n2) % n1, i % n2];
  return new Map([...kept].sort(([a], [b]) => a - b).map(([label, places]) => [label, places.map(voxelOf)]));
}
