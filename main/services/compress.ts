import { AppFailure } from '../contract/app-error.ts';
import type { CompressedVariant } from '../contract/compress-request.ts';
import type { Progress } from '../contract/engine-protocol.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { insertVariant, type VariantRow } from '../db/queries/models.ts';
import { putRaw } from './blob-store.ts';
import type { Context } from './context.ts';
import { findVariant, fullVariant, getModel, loadNetworks, type ModelSummary } from './models.ts';

/** The paper's ladder and its smallest rank. */
export const paperFactors = [0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05] as const;
const rankMin = 8;

export interface CompressOptions {
  readonly factors: readonly number[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Makes the Tucker variants of a model that it does not have yet, and stores those that are smaller than the variant
 * before them on the ladder; all or none. Throws AppFailure `model-not-found`, `model-corrupt` or `cancelled`.
 */
export async function compressStoredModel(
  context: Context,
  modelId: string,
  options: CompressOptions,
): Promise<ModelSummary> {
  const model = getModel(context.db, modelId);
  const missing = options.factors.filter(
    (factor) => !model.variants.some(({ name }) => name === nameOf(factor)),
  );
  if (missing.length === 0) return model;
  const full = findVariant(model, fullVariant);
  const networks = await loadNetworks(context.db, full);
  const engine = context.startEngine();
  try {
    const ladder = await engine.ask(
      'compress',
      {
        jobId: context.newId(),
        networks,
        inputShape: [1, model.recipe.channels.length, ...model.recipe.patch],
        factors: [...missing].sort((a, b) => b - a),
        rankMin,
      },
      { onProgress: options.onProgress, signal: options.signal },
    );
    return storeLadder(context, model, full, ladder);
  } finally {
    await engine.close();
  }
}

function storeLadder(
  { db, now }: Context,
  model: ModelSummary,
  full: VariantRow,
  ladder: readonly CompressedVariant[],
): ModelSummary {
  const createdAt = now();
  // A rung that saves no arithmetic is less faithful for nothing.
  const kept = ladder.filter((rung, i) => rung.macs < (i === 0 ? full.macs : ladder[i - 1].macs));
  if (kept.length === 0) {
    const detail = 'no layer of this network gets cheaper by Tucker decomposition at these factors';
    throw new AppFailure({ code: 'model-refused', path: model.id, detail });
  }
  db.transaction(() => {
    for (const { networks, factor, parameters, macs, ...facts } of kept) {
      const name = nameOf(factor);
      const { layersDecomposed, layers, largestError } = facts;
      insertVariant(
        db,
        {
          id: `${model.id}/${name}`,
          modelId: model.id,
          name,
          recipe: {
            kind: 'tucker',
            method: 'plain',
            factor,
            rankMin,
            layersDecomposed,
            layers,
            largestError,
          },
          parameters,
          macs,
          costs: null,
          createdAt,
        },
        networks.map((network) => putRaw(db, network)),
      );
    }
    insertAudit(db, createdAt, 'model-compressed', model.id, { factors: kept.map(({ factor }) => factor) });
  }).immediate();
  return getModel(db, model.id);
}

function nameOf(factor: number): string {
  return `df-${factor}`;
}
