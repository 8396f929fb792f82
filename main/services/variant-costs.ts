import { AppFailure } from '../contract/app-error.ts';
import type { VariantCosts } from '../contract/variant-recipe.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx } from '../core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import { takeHeadsOff } from '../core/segment/3-predict/joined-head.ts';
import { setVariantCosts, type VariantRow } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { loadNetworks } from './models.ts';

/**
 * What one run of a variant's network on the model's patch takes, of the fold that takes most; stored once it is known.
 * Throws AppFailure `model-corrupt`, `model-not-found`.
 */
export async function costsOf(
  { db, inThread }: Pick<Context, 'db' | 'inThread'>,
  recipe: SegmentationModel,
  variant: VariantRow,
): Promise<VariantCosts> {
  if (variant.costs) return variant.costs;
  if (inThread) return inThread('variant-costs', variant.id);
  const networks = await loadNetworks(db, variant);
  const costs = readable(variant.modelId, () => costsOfNetworks(networks, recipe));
  setVariantCosts(db, variant.id, costs);
  return costs;
}

function costsOfNetworks(networks: readonly Uint8Array[], recipe: SegmentationModel): VariantCosts {
  const models = networks.map((network) => readOnnx(network));
  const folds = models.map((model) => {
    const input = model.graph.inputs[0]?.name ?? '';
    return measureCost(model, { [input]: [1, recipe.channels.length, ...recipe.patch] });
  });
  const classes = recipe.decision.values.length;
  const most = (cost: (fold: (typeof folds)[number]) => number) => Math.max(...folds.map(cost));
  return {
    macs: most(({ macs }) => macs),
    movedBytes: most(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten),
    activationBytes: most(({ peakBytes }) => peakBytes),
    weightBytes: Math.max(...networks.map(({ length }) => length)),
    planeChannels: takeHeadsOff(models, classes).head?.features ?? classes,
  };
}

function readable<T>(modelId: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    throw new AppFailure({ code: 'model-corrupt', model: modelId, detail: error.message });
  }
}
