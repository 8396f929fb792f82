import { AppFailure } from '../contract/app-error.ts';
import type { Progress } from '../contract/engine-protocol.ts';
import type { TunedFold, TunedNetworks, TuneImage, TuneRecipe } from '../contract/tune-request.ts';
import type { VariantRow } from '../db/queries/models.ts';
import { deleteTuning, findTuning, putTuning } from '../db/queries/tunings.ts';
import { sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { labelFile, type EvaluationOptions } from './evaluate.ts';
import { forgetStaleCheckpoints } from './forget-stale-checkpoints.ts';
import type { Image } from './gather-images.ts';
import type { ScanOptions } from './gather-input.ts';
import { fileKey } from './image-key.ts';
import { judgeTuned, type JudgedImage } from './judge-tuned.ts';
import { findVariant, fullVariant, getModel, networkSources, type ModelSummary } from './models.ts';
import { storeTuned } from './store-tuned.ts';
import { gatherTuneImages, type TuneImages, type TunePaths } from './tune-images.ts';

export interface TuneOrder extends TunePaths {
  readonly model: string;
  /** By name. */
  readonly variant: string;
  readonly recipe: TuneRecipe;
  readonly threads: number;
  /** Of the window's order: its checkpoints are known by it. */
  readonly orderId?: string | undefined;
}

export interface TuneOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onScan?: ScanOptions['onProgress'];
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** An interrupted run of the same work is taken up after so many steps. */
  readonly onResume?: ((steps: number) => void) | undefined;
  /** Of the segmentations that it is judged by in the end. */
  readonly onStep?: EvaluationOptions['onStep'];
}

export interface TuneReport {
  readonly model: ModelSummary;
  /** The new variant; null where it was no better on the images held out, and was not kept. */
  readonly variant: string | null;
  readonly from: string;
  readonly folds: readonly TunedFold[];
  /** It learnt from labels, and was judged by them. */
  readonly byLabels: boolean;
  /** Of each image held out: mean Dice over its labels with the full network, or with those drawn, before and after. */
  readonly images: readonly { readonly name: string; readonly before: number; readonly after: number }[];
}

/** By default: the paper's weight decay; a rate and an optimiser (`soap`) for minutes rather than for days. */
export const defaultTuneRecipe: TuneRecipe = {
  minutes: 20,
  steps: 100_000,
  learningRate: 3e-3,
  weightDecay: 3e-5,
  temperature: 1,
  foregroundWeight: 5,
  seed: 1,
};

/**
 * Lets a variant learn from the full network on unlabelled images, or from labels, and keeps what came of it as a new variant if
 * its labels on images held out agree better with the full network's, or with those drawn, than before. Interrupted, the same order goes on from its last
 * checkpoint. Throws AppFailure; `cancelled` keeps the checkpoint.
 */
export async function tuneVariant(
  context: Context,
  order: TuneOrder,
  options: TuneOptions = {},
): Promise<TuneReport> {
  const { db } = context;
  const { recipe, threads } = order;
  const { signal, onScan, onProgress, onStep } = options;
  const model = getModel(db, order.model);
  const variant = findVariant(model, order.variant);
  checkVariant(variant);
  if (order.labels !== undefined) checkClasses(model);
  const images = await gatherTuneImages(context, order, model, variant, { signal, onProgress: onScan });
  const labelMaps = await hashLabels(images);
  const fingerprint = fingerprintOf(context, recipe, variant, images, labelMaps);
  const work: Work = { model, variant, images, fingerprint };
  forgetStaleCheckpoints(context);
  const tuned = await learn(context, order, work, options);
  const { labels } = images;
  const judging = { signal, onProgress, onStep, threads, labels };
  const judged = await judgeTuned(context, model, variant, tuned.networks, images.heldOut, judging);
  const name = db
    .transaction(() => {
      deleteTuning(db, work.fingerprint);
      const outcome = {
        variant,
        recipe,
        tuned,
        learn: images.learn,
        judged,
        labelMaps: labelMaps && labelMaps.slice(0, images.learn.length),
      };
      return isBetter(judged) ? storeTuned(context, outcome) : null;
    })
    .immediate();
  return {
    model: getModel(db, model.id),
    variant: name,
    from: variant.name,
    byLabels: labels !== null,
    folds: tuned.folds,
    images: judged.map(({ image, before, after }) => ({
      name: image.name,
      before: before.dice,
      after: after.dice,
    })),
  };
}

function isBetter(judged: readonly JudgedImage[]): boolean {
  return judged.reduce((sum, { before, after }) => sum + after.dice - before.dice, 0) > 0;
}

function checkVariant({ recipe, name }: VariantRow): void {
  const detail =
    recipe.kind === 'full'
      ? 'The full network is what the others learn from; name a compressed variant.'
      : recipe.precision === 'fp16'
        ? `${name} is stored in half precision, which is too coarse to learn in; tune the one in fp32.`
        : null;
  if (detail !== null) throw new AppFailure({ code: 'usage', detail });
}

/** Throws AppFailure `usage`: a region is painted over by others, and label maps do not say what is under them. */
function checkClasses({ id, recipe }: ModelSummary): void {
  if (recipe.decision.kind === 'argmax') return;
  const detail = `The outputs of ${id} are regions that overlap, which a label map does not tell apart; tune it without --labels.`;
  throw new AppFailure({ code: 'usage', detail });
}

interface Work {
  readonly model: ModelSummary;
  readonly variant: VariantRow;
  readonly images: TuneImages;
  /** Of the same work: a checkpoint fits it. */
  readonly fingerprint: string;
}

async function learn(
  context: Context,
  { recipe, threads, orderId }: TuneOrder,
  { model, variant, images, fingerprint }: Work,
  { signal, onProgress, onResume }: TuneOptions,
): Promise<TunedNetworks> {
  const { db, now } = context;
  const checkpoint = findTuning(db, fingerprint);
  if (checkpoint) onResume?.(checkpoint.steps);
  const imagesOf = (each: readonly Image[]): TuneImage[] =>
    each.map(({ key, input }) => {
      const path = images.labels?.get(key);
      return { channels: input.channels, labels: path === undefined ? null : labelFile(input, path) };
    });
  const engine = context.startEngine();
  try {
    return await engine.ask(
      'tune',
      {
        jobId: context.newId(),
        model: model.recipe,
        networks: networkSources(db, variant),
        teachers: images.labels ? null : networkSources(db, findVariant(model, fullVariant)),
        images: imagesOf(images.learn),
        heldOut: imagesOf(images.heldOut),
        recipe,
        threads,
        checkpoint,
      },
      {
        signal,
        onProgress,
        onCheckpoint: (each) => {
          const row = { fingerprint, variantId: variant.id, orderId: orderId ?? null, updatedAt: now() };
          db.transaction(() => {
            // Another program may have removed it meanwhile.
            findVariant(getModel(db, model.id), variant.name);
            putTuning(db, row, each);
          }).immediate();
        },
      },
    );
  } finally {
    await engine.close();
  }
}

/** Of the images to learn on, then of those held out; null where it learns from the full network. */
async function hashLabels({ learn, heldOut, labels }: TuneImages): Promise<readonly string[] | null> {
  return labels && Promise.all([...learn, ...heldOut].map(({ key }) => fileKey(labels.get(key)!)));
}

function fingerprintOf(
  { appVersion }: Context,
  recipe: TuneRecipe,
  variant: VariantRow,
  { learn, heldOut }: TuneImages,
  labelMaps: readonly string[] | null,
): string {
  const keys = (images: readonly Image[]): string[] => images.map(({ key }) => key);
  const work = [appVersion, variant.id, variant.createdAt, recipe, keys(learn), keys(heldOut)];
  return sha256Hex(JSON.stringify([...work, ...(labelMaps ?? [])]));
}
