/**
 * Mean Dice over the channels but the first, of those that what is right has anywhere: a few wrong voxels of one that it lacks would
 * weigh as much as all of another, and take from what is right besides. Where it has none, 1 for finding none either, else 0. All patches
 * count together.
 *
 * @param pairs what is right and what was found, voxel by voxel
 */
export function meanDice(pairs: readonly (readonly [Uint8Array, Uint8Array])[], channels: number): number {
  const common = new Float64Array(channels);
  const right = new Float64Array(channels);
  const found = new Float64Array(channels);
  for (const [a, b] of pairs) {
    for (let i = 0; i < a.length; i++) {
      right[a[i]!]!++;
      found[b[i]!]!++;
      if (a[i] === b[i]) common[a[i]!]!++;
    }
  }
  let [sum, count] = [0, 0];
  for (let channel = 1; channel < channels; channel++) {
    if (right[channel] === 0) continue;
    sum += (2 * common[channel]!) / (right[channel]! + found[channel]!);
    count++;
  }
  if (count > 0) return sum / count;
  return found.subarray(1).every((voxels) => voxels === 0) ? 1 : 0;
}
