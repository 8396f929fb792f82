import { AppFailure } from '../contract/app-error.ts';
import type { VariantCosts } from '../contract/variant-recipe.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx } from '../core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import type { Database } from '../db/database.ts';
import { setVariantCosts, type VariantRow } from '../db/queries/models.ts';
import { loadNetworks } from './models.ts';

/**
 * What one run of a variant's network on the model's patch takes, of the fold that takes most; stored once it is known.
 * Throws AppFailure `model-corrupt`, `model-not-found`.
 */
export async function costsOf(
  db: Database,
  recipe: SegmentationModel,
  variant: VariantRow,
): Promise<VariantCosts> {
  if (variant.costs) return variant.costs;
  const networks = await loadNetworks(db, variant);
  const folds = networks.map((network) => costsOfNetwork(network, recipe, variant.modelId));
  const most = (cost: (fold: VariantCosts) => number) => Math.max(...folds.map(cost));
  const costs: VariantCosts = {
    macs: most(({ macs }) => macs),
    movedBytes: most(({ movedBytes }) => movedBytes),
    activationBytes: most(({ activationBytes }) => activationBytes),
    weightBytes: most(({ weightBytes }) => weightBytes),
  };
  setVariantCosts(db, variant.id, costs);
  return costs;
}

function costsOfNetwork(network: Uint8Array, recipe: SegmentationModel, modelId: string): VariantCosts {
  try {
    const model = readOnnx(network);
    const input = model.graph.inputs[0]?.name ?? '';
    const shape = [1, recipe.channels.length, ...recipe.patch];
    const { macs, bytesRead, bytesWritten, peakBytes } = measureCost(model, { [input]: shape });
    return {
      macs,
      movedBytes: bytesRead + bytesWritten,
      activationBytes: peakBytes,
      weightBytes: network.length,
    };
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    throw new AppFailure({ code: 'model-corrupt', model: modelId, detail: error.message });
  }
}
