import type { TunedNetworks, TuneRecipe } from '../contract/tune-request.ts';
import type { VariantRecipe } from '../contract/variant-recipe.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { putEvaluation, type EvaluationRow } from '../db/queries/evaluations.ts';
import { insertVariant, type VariantRow } from '../db/queries/models.ts';
import { putRaw } from './blob-store.ts';
import type { Context } from './context.ts';
import { defaultToleranceMm, isCalibratedOn } from './evaluate.ts';
import type { Image } from './gather-images.ts';
import type { Agreement, JudgedImage } from './judge-tuned.ts';
import { getModel, type ModelSummary } from './models.ts';
import { opaqueImage } from './opaque-image.ts';

export interface TunedVariant {
  /** What it began as. */
  readonly variant: VariantRow;
  readonly recipe: TuneRecipe;
  readonly tuned: TunedNetworks;
  readonly learn: readonly Image[];
  readonly judged: readonly JudgedImage[];
  /** Hashes of the label maps that it learnt from; null: it learnt from the full network. */
  readonly labelMaps: readonly string[] | null;
}

/**
 * Stores a tuned variant with what was measured of it and of what it began as; returns its name. To be called in a
 * transaction. Throws AppFailure `model-not-found` where another program has removed the model meanwhile.
 */
export function storeTuned({ db, now, newId }: Context, outcome: TunedVariant): string {
  const { variant, tuned, judged } = outcome;
  const { modelId, parameters, macs } = variant;
  const createdAt = now();
  const model = getModel(db, modelId);
  const name = freeName(model, variant.name);
  const id = `${modelId}/${name}`;
  const recipe = tunedRecipe(outcome);
  const hashes = tuned.networks.map((network) => putRaw(db, network));
  insertVariant(db, { id, modelId, name, recipe, parameters, macs, costs: null, createdAt }, hashes);
  const toleranceMm = defaultToleranceMm(model);
  const put = (variantId: string, { image, referencePath }: JudgedImage, { labels }: Agreement): void => {
    const row: EvaluationRow = {
      id: newId(),
      variantId,
      image: image.key,
      imageName: image.name,
      reference: referencePath === null ? 'full' : 'labelmap',
      referencePath,
      calibrated: isCalibratedOn(recipe, image.key),
      toleranceMm,
      createdAt,
      labels,
    };
    putEvaluation(db, row, [image.key, opaqueImage(image.key)]);
  };
  for (const each of judged) {
    put(variant.id, each, each.before);
    put(id, each, each.after);
  }
  insertAudit(db, createdAt, 'model-tuned', modelId, { variant: name, from: variant.name });
  return name;
}

function tunedRecipe({
  variant,
  recipe: learnt,
  tuned: { folds },
  learn,
  labelMaps,
}: TunedVariant): VariantRecipe {
  const { recipe, name: from } = variant;
  if (recipe.kind === 'full') return recipe;
  const { learningRate, temperature, foregroundWeight, weightDecay, seed } = learnt;
  const total = (key: 'steps' | 'seconds'): number => folds.reduce((sum, fold) => sum + fold[key], 0);
  const steps = total('steps');
  const minutes = Number((total('seconds') / 60).toFixed(2));
  const by = labelMaps ? ({ byLabels: true, labelMaps } as const) : {};
  const how = { learningRate, temperature, foregroundWeight, weightDecay, seed };
  const tuned = { from, ...by, steps, minutes, ...how };
  const calibratedOn = [...new Set([...recipe.calibratedOn, ...learn.map(({ key }) => opaqueImage(key))])];
  return { ...recipe, calibratedOn, tuned };
}

/** `df-0.3-tuned`, or with a number where that is there. */
function freeName({ variants }: ModelSummary, from: string): string {
  const taken = new Set(variants.map(({ name }) => name));
  const wanted = `${from}-tuned`;
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (!taken.has(name)) return name;
  }
}
