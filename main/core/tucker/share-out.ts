/** Layers by size: the largest first, so that no thread is left with one when the others are done. */
export function largestFirst<T extends { readonly cost: { readonly parameters: number } }>(
  layers: readonly T[],
): T[] {
  return layers.toSorted((a, b) => b.cost.parameters - a.cost.parameters);
}

/** Works through the items in order, so many of them at a time. */
export async function shareOut<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}
