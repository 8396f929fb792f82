/**
 * Voxels of each of some labels, at most so many of each, evenly spread over all that it has: to centre patches on.
 *
 * @returns their indices in `labels`, by label; of labels that there are, in the order of `values`
 */
export function spreadPlaces(
  labels: Uint8Array,
  values: readonly number[],
  most: number,
): ReadonlyMap<number, Uint32Array> {
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label]!++;
  const every = counts.map((count) => Math.ceil(count / most));
  const places = new Map(
    values
      .filter((value) => counts[value]! > 0)
      .map((value) => [value, new Uint32Array(Math.ceil(counts[value]! / every[value]!))]),
  );
  const seen = new Uint32Array(256);
  labels.forEach((label, at) => {
    const count = seen[label]!++;
    if (count % every[label]! === 0) places.get(label)?.set([at], count / every[label]!);
  });
  return places;
}
