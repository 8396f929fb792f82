/**
 * Mean Dice over the channels but the first, of those that either of two labellings has anywhere; all patches count together.
 * 1 where neither has any.
 */
export function meanDice(pairs: readonly (readonly [Uint8Array, Uint8Array])[], channels: number): number {
  const common = new Float64Array(channels);
  const total = new Float64Array(channels);
  for (const [a, b] of pairs) {
    for (let i = 0; i < a.length; i++) {
      const [left, right] = [a[i]!, b[i]!];
      total[left]!++;
      total[right]!++;
      if (left === right) common[left]!++;
    }
  }
  let [sum, count] = [0, 0];
  for (let channel = 1; channel < channels; channel++) {
    if (total[channel]! === 0) continue;
    sum += (2 * common[channel]!) / total[channel]!;
    count++;
  }
  return count === 0 ? 1 : sum / count;
}
