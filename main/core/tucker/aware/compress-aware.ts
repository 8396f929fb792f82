import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { Multiply } from '../../tensor/matrix-product.ts';
import { compressLayers } from '../compress-layers.ts';
import type { CompressOptions, Variant } from '../compress-model.ts';
import { decomposeKernel } from '../decompose-kernel.ts';
import { findLayers } from '../find-layers.ts';
import type { Layer, UnsuitableLayer } from '../layer.ts';
import type { Recipe } from '../recipe.ts';
import type { CalibrationTile, LoadGraph } from './calibration.ts';
import { calibrateVariant } from './calibrate-variant.ts';
import { cutGraph } from './cut-graph.ts';
import { observeOriginal } from './observe-original.ts';
import { sampleVoxels } from './sample-voxels.ts';

export interface AwareOptions extends CompressOptions {
  readonly tiles: readonly CalibrationTile[];
  readonly load: LoadGraph;
  readonly multiply: Multiply;
  /** Voxels that every layer is fitted to, over all tiles. */
  readonly samples?: number;
}

export const defaultSamples = 30_000;

/**
 * Makes Tucker-compressed variants of a network, one a recipe, fitted to what the network does with real images instead
 * of to its weights: layer by layer, on inputs as the layers compressed so far give them, towards what the original
 * layer gives (`fitFactors`). Layers that a recipe leaves whole are fitted too, so that they make up for the ones
 * before them. Layers of many channels are fitted after their reduction (`mostPatchNumbers`, `mostReducedNumbers`). Where
 * a layer cannot be observed (matrix products, transposed convolutions whose windows overlap) or is larger still, it is
 * compressed as `compressModel` does it.
 *
 * @throws OnnxFormatError for weights that are damaged, and whatever `load` and its graphs throw
 */
export async function compressAware(
  model: OnnxModel,
  recipes: readonly Recipe[],
  options: AwareOptions,
): Promise<Variant[]> {
  const { tiles, load, onProgress, samples = defaultSamples } = options;
  const found = findLayers(model, options.inputShapes);
  const layers = found.filter((layer) => isObservable(layer));
  const total = found.length + tiles.length + recipes.length * layers.length;
  let done = 0;
  const step = () => onProgress?.(++done, total);

  const plain = await compressLayers(found, recipes, { ...options, onProgress: step });
  const segments = cutGraph(
    model,
    layers.map(({ node }) => node),
  );
  const voxels = sampleVoxels(
    tiles.map(({ labels }) => labels),
    samples,
  );
  const observations = await observeOriginal(model, segments, layers, tiles, voxels, load, step);

  const variants: Variant[] = [];
  for (const [r, recipe] of recipes.entries())
    variants.push(
      await calibrateVariant(
        {
          model,
          found,
          layers,
          segments,
          observations,
          plain: plain.map((each) => each[r]),
          recipe,
          onLayer: step,
        },
        { ...options, decompose: options.decompose ?? decomposeKernel },
      ),
    );
  return variants;
}

function isObservable(layer: Layer | UnsuitableLayer): layer is Layer {
  return !('reason' in layer) && (layer.kind === 'Conv' || layer.kind === 'ConvTranspose');
}
