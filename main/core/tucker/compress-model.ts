import type { Shape } from '../onnx/infer-shapes.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import type { ReadExternal } from '../onnx/tensor-data.ts';
import type { Decompose, LayerReport } from './compress-layer.ts';
import { compressLayers } from './compress-layers.ts';
import { findLayers } from './find-layers.ts';
import type { LayerFactors } from './layer-factors.ts';
import type { Layer } from './layer.ts';
import type { Recipe } from './recipe.ts';
import { rewriteGraph } from './rewrite-graph.ts';

export interface CompressOptions {
  /** Of the network's inputs, for the costs. */
  readonly inputShapes: Readonly<Record<string, Shape>>;
  /** Default: here, on this thread. A pool of threads can do it instead: the arguments are plain data. */
  readonly decompose?: Decompose;
  /** Layers that are decomposed at the same time: as many as there are threads. Default 1. */
  readonly parallel?: number;
  /** For weights that lie in other files; without it such layers stay as they are. */
  readonly readExternal?: ReadExternal;
  /** Told after each layer, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Variant {
  readonly model: OnnxModel;
  /** One for every convolution and matrix product of the original, in its order. */
  readonly layers: readonly LayerReport[];
}

/**
 * Makes Tucker-compressed variants of a network, one a recipe. What cannot be decomposed, or is not worth it, stays
 * as it is and says why in its report. Throws OnnxFormatError for weights that are damaged.
 */
export async function compressModel(
  model: OnnxModel,
  recipes: readonly Recipe[],
  options: CompressOptions,
): Promise<Variant[]> {
  const found = findLayers(model, options.inputShapes);
  const compressed = await compressLayers(found, recipes, options);
  return recipes.map((_, r) => {
    const factors = new Map<Layer, LayerFactors>();
    const layers = found.map((layer, i) => {
      const { report, factors: made } = compressed[i][r];
      if (made && !('reason' in layer)) factors.set(layer, made);
      return report;
    });
    return { model: rewriteGraph(model, factors), layers };
  });
}
