import { measureCost } from '../../onnx/measure-cost.ts';
import type { Shape } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { Decompose } from '../compress-layer.ts';
import { compressModel } from '../compress-model.ts';
import type { Recipe } from '../recipe.ts';

/**
 * The network that a recipe makes, with zeros for the new weights: what time and memory it takes depends on shapes
 * alone, and is known so without a decomposition.
 */
export async function networkOfShapes(
  model: OnnxModel,
  recipe: Recipe,
  inputShapes: Readonly<Record<string, Shape>>,
): Promise<OnnxModel> {
  const [variant] = await compressModel(model, [recipe], { inputShapes, decompose: zeros });
  return variant.model;
}

/**
 * The most activations in memory at a time, in bytes, of the network that a recipe makes.
 *
 * @param prepare what is done to the network before it runs, such as folding
 */
export async function peakMemory(
  model: OnnxModel,
  recipe: Recipe,
  inputShapes: Readonly<Record<string, Shape>>,
  prepare: (model: OnnxModel) => OnnxModel = (each) => each,
): Promise<number> {
  const network = prepare(await networkOfShapes(model, recipe, inputShapes));
  return measureCost(network, inputShapes).peakBytes;
}

const zeros: Decompose = async ({ shape }, ranks) =>
  ranks.map((each) => ({
    ranks: each,
    rowFactor: new Float32Array(shape.rows * each.rows),
    columnFactor: new Float32Array(shape.columns * each.columns),
    core: new Float32Array(each.rows * each.columns * shape.taps),
    error: 0,
  }));
