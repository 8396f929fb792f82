import { AppFailure } from '../contract/app-error.ts';
import type { CompressedVariant } from '../contract/compress-request.ts';
import type { Progress } from '../contract/engine-protocol.ts';
import type { CompressionMethod, LayerChoice, Precision, RankChoice } from '../contract/variant-recipe.ts';
import type { Context } from './context.ts';
import { gatherImages, type Image } from './gather-images.ts';
import type { ScanOptions } from './gather-input.ts';
import { findVariant, fullVariant, getModel, loadNetworks, type ModelSummary } from './models.ts';
import { storeLadder } from './store-ladder.ts';
import { weighLadder, type DroppedRung, type NamedRung } from './weigh-ladder.ts';
import { nameVariant, type VariantKind } from './name-variant.ts';
import { opaqueImage } from './opaque-image.ts';

/** The paper's ladder. */
export const paperFactors = [0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05] as const;

export interface CompressOrder {
  /** The ladder: the largest rung first. */
  readonly rungs: readonly RankChoice[];
  readonly layers: LayerChoice;
  readonly method: CompressionMethod;
  readonly precision: Precision;
  /** Study folders or NIfTI files for the method `aware`. */
  readonly calibrateOn: readonly string[];
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
}

export interface CompressOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
  readonly onScan?: ScanOptions['onProgress'];
}

export interface CompressReport {
  readonly model: ModelSummary;
  readonly dropped: readonly DroppedRung[];
}

/**
 * Makes the Tucker variants of a model that it does not have yet, and stores those that are worth having
 * (`weighLadder`); all or none. Throws AppFailure `usage`, `model-not-found`, `model-corrupt`,
 * `model-refused`, `cancelled`, and what is wrong with an image to calibrate on.
 */
export async function compressStoredModel(
  context: Context,
  modelId: string,
  order: CompressOrder,
  options: CompressOptions = {},
): Promise<CompressReport> {
  checkOrder(order);
  const model = getModel(context.db, modelId);
  const name = (rung: RankChoice) => nameVariant(kindOf(order, rung));
  const rungs = order.rungs.filter((rung) => !model.variants.some((each) => each.name === name(rung)));
  if (rungs.length === 0) return { model, dropped: [] };
  const networks = await loadNetworks(context.db, findVariant(model, fullVariant));
  const images = await calibrationImages(context, order, model, options);
  const ladder = await askForLadder(context, model, { networks, rungs, images, order }, options);
  const calibratedOn = images.map(({ key }) => opaqueImage(key));
  const named = ladder.map((rung) => nameRung(rung, order, calibratedOn));
  const weighed = await weighLadder(context, model, networks, named, options.signal);
  return { model: storeLadder(context, model, weighed), dropped: weighed.dropped };
}

async function calibrationImages(
  context: Context,
  { calibrateOn }: CompressOrder,
  model: ModelSummary,
  { signal, onScan }: CompressOptions,
): Promise<readonly Image[]> {
  if (calibrateOn.length === 0) return [];
  return gatherImages(context, { on: calibrateOn, channels: {} }, model, { signal, onProgress: onScan });
}

interface LadderOrder {
  readonly networks: readonly Uint8Array[];
  readonly rungs: readonly RankChoice[];
  readonly images: readonly Image[];
  readonly order: CompressOrder;
}

/** In an engine that ends before anything is timed: its memory is needed then. */
async function askForLadder(
  context: Context,
  { recipe }: ModelSummary,
  { networks, rungs, images, order: { layers, method, precision, threads } }: LadderOrder,
  { onProgress, signal }: CompressOptions,
): Promise<readonly CompressedVariant[]> {
  const calibration = images.map(({ input }) => input.channels);
  const engine = context.startEngine();
  try {
    const jobId = context.newId();
    const request = {
      jobId,
      model: recipe,
      networks,
      rungs,
      layers,
      method,
      precision,
      calibration,
      threads,
    };
    return await engine.ask('compress', request, { onProgress, signal });
  } finally {
    await engine.close();
  }
}

function checkOrder({ method, calibrateOn }: CompressOrder): void {
  const detail =
    method === 'aware' && calibrateOn.length === 0
      ? 'The method aware needs images to calibrate on: name a study folder with --calibrate.'
      : method === 'plain' && calibrateOn.length > 0
        ? '--calibrate is for the method aware; add --method aware.'
        : null;
  if (detail !== null) throw new AppFailure({ code: 'usage', detail });
}

function nameRung(
  { rung, networks, parameters, macs, ...facts }: CompressedVariant,
  order: CompressOrder,
  calibratedOn: readonly string[],
): NamedRung {
  const kind = kindOf(order, rung);
  const recipe = { kind: 'tucker', ...kind, calibratedOn, ...facts } as const;
  return { name: nameVariant(kind), recipe, networks, parameters, macs };
}

function kindOf({ method, layers, precision }: CompressOrder, ranks: RankChoice): VariantKind {
  return { method, ranks, layersChosen: layers, precision };
}
