import { compressLayer, type CompressedLayer } from './compress-layer.ts';
import type { CompressOptions } from './compress-model.ts';
import { decomposeKernel } from './decompose-kernel.ts';
import type { Layer, UnsuitableLayer } from './layer.ts';
import type { Recipe } from './recipe.ts';
import { largestFirst, shareOut } from './share-out.ts';

/** What becomes of every layer by its weights alone: in the order of `found`, one entry a recipe each. */
export async function compressLayers(
  found: readonly (Layer | UnsuitableLayer)[],
  recipes: readonly Recipe[],
  {
    decompose = decomposeKernel,
    parallel = 1,
    readExternal,
    onProgress,
  }: Omit<CompressOptions, 'inputShapes'>,
): Promise<CompressedLayer[][]> {
  const compressed = new Map<Layer | UnsuitableLayer, CompressedLayer[]>();
  await shareOut(largestFirst(found), parallel, async (layer) => {
    compressed.set(layer, await compressLayer(layer, recipes, decompose, readExternal));
    onProgress?.(compressed.size, found.length);
  });
  return found.map((layer) => compressed.get(layer) ?? []);
}
