/** Voxels of each label, by label; those left out do not count. */
export function countLabels(labels: Int16Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/**
 * The tiles that together show most of most labels, one after the other: a label's worth is the root of its voxels, so
 * that the first thousand of a small organ count more than the second of a large one.
 *
 * @param counts voxels of each label, by tile
 * @returns indices of tiles, ascending
 */
export function chooseTiles(counts: readonly ReadonlyMap<number, number>[], wanted: number): number[] {
  const chosen = new Set<number>();
  const held = new Map<number, number>();
  const gain = (tile: ReadonlyMap<number, number>) => {
    let sum = 0;
    for (const [label, voxels] of tile) {
      const before = held.get(label) ?? 0;
      sum += Math.sqrt(before + voxels) - Math.sqrt(before);
    }
    return sum;
  };
  while (chosen.size < Math.min(wanted, counts.length)) {
    let best = -1;
    let bestGain = -Infinity;
    for (const [i, tile] of counts.entries()) {
      const worth = chosen.has(i) ? -Infinity : gain(tile);
      if (worth > bestGain) [best, bestGain] = [i, worth];
    }
    chosen.add(best);
    for (const [label, voxels] of counts[best]) held.set(label, (held.get(label) ?? 0) + voxels);
  }
  return [...chosen].sort((a, b) => a - b);
}
