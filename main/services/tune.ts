import { AppFailure } from '../contract/app-error.ts';
import type { Progress } from '../contract/engine-protocol.ts';
import type { TunedFold, TunedNetworks, TuneRecipe } from '../contract/tune-request.ts';
import type { VariantRecipe } from '../contract/variant-recipe.ts';
import { reportFidelity } from '../core/segment/6-measure/rank-labels.ts';
import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { putEvaluation } from '../db/queries/evaluations.ts';
import { insertVariant, type VariantRow } from '../db/queries/models.ts';
import { deleteTuning, findTuning, putTuning } from '../db/queries/tunings.ts';
import { putRaw, sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { asEngineDevice, devicesNamed, findHardware } from './devices.ts';
import { compareLabelmaps, defaultToleranceMm, segmentImage, type Comparison } from './evaluate.ts';
import { gatherImages, type Image } from './gather-images.ts';
import type { ScanOptions } from './gather-input.ts';
import { findVariant, fullVariant, getModel, loadNetworks, type ModelSummary } from './models.ts';
import { opaqueImage } from './opaque-image.ts';

export interface TuneOrder {
  readonly model: string;
  /** By name. */
  readonly variant: string;
  /** Study folders or NIfTI files to learn on, unlabelled. */
  readonly on: readonly string[];
  /** To judge on; without any, a quarter of `on`, at least one, is held out. */
  readonly holdOut: readonly string[];
  readonly recipe: TuneRecipe;
  readonly threads: number;
}

export interface TuneOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onScan?: ScanOptions['onProgress'];
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** An interrupted run of the same work is taken up after so many steps. */
  readonly onResume?: ((steps: number) => void) | undefined;
}

export interface TuneReport {
  readonly model: ModelSummary;
  /** The new variant; null where it was no better on the images held out, and was not kept. */
  readonly variant: string | null;
  readonly from: string;
  readonly folds: readonly TunedFold[];
  /** Of each image held out: mean Dice over its labels with the full network, before and after. */
  readonly images: readonly { readonly name: string; readonly before: number; readonly after: number }[];
}

/** Learning rate and time by default: the paper's AdamW, with a rate for minutes rather than for days. */
export const defaultTuneRecipe: TuneRecipe = {
  minutes: 20,
  steps: 100_000,
  learningRate: 1e-3,
  weightDecay: 3e-5,
  temperature: 2,
  foregroundWeight: 5,
  seed: 1,
};

/**
 * Lets a variant learn from the full network on unlabelled images, and keeps what came of it as a new variant if its labels
 * on images held out agree better with the full network's than before. Interrupted, the same order goes on from its last
 * checkpoint. Throws AppFailure; `cancelled` keeps the checkpoint.
 */
export async function tuneVariant(
  context: Context,
  order: TuneOrder,
  options: TuneOptions = {},
): Promise<TuneReport> {
  const model = getModel(context.db, order.model);
  const variant = findVariant(model, order.variant);
  checkVariant(variant);
  const { learn, heldOut } = await shareOut(context, order, model, options);
  const networks = await loadNetworks(context.db, variant);
  const tuned = await learnFrom(context, order, { model, variant, networks, learn, heldOut }, options);
  const judged = await judge(context, model, { networks, tuned, heldOut, threads: order.threads }, options);
  const mean = (key: 'before' | 'after'): number =>
    judged.reduce((sum, each) => sum + (meanOf(each[key]) ?? 0), 0) / judged.length;
  const isBetter = mean('after') > mean('before');
  const fingerprint = fingerprintOf(context, order, variant, learn, heldOut);
  const name = isBetter ? store(context, order, { model, variant, tuned, learn, judged }, fingerprint) : null;
  if (!isBetter) deleteTuning(context.db, fingerprint);
  return {
    model: getModel(context.db, model.id),
    variant: name,
    from: variant.name,
    folds: tuned.folds,
    images: judged.map(({ image, before, after }) => ({
      name: image.name,
      before: meanOf(before) ?? 0,
      after: meanOf(after) ?? 0,
    })),
  };
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

interface Images {
  readonly learn: readonly Image[];
  readonly heldOut: readonly Image[];
}

async function shareOut(
  context: Context,
  { on, holdOut }: TuneOrder,
  model: ModelSummary,
  { signal, onScan }: TuneOptions,
): Promise<Images> {
  const gather = (paths: readonly string[]): Promise<Image[]> =>
    gatherImages(context, { on: paths, channels: {} }, model, { signal, onProgress: onScan });
  const images = on.length > 0 ? await gather(on) : [];
  if (holdOut.length === 0) {
    const held = Math.max(1, Math.floor(images.length / 4));
    if (images.length < 2) {
      const detail =
        'Tuning takes two images at least: one to learn on and one to judge by. Give more --on PATH.';
      throw new AppFailure({ code: 'usage', detail });
    }
    return { learn: images.slice(0, -held), heldOut: images.slice(-held) };
  }
  const heldOut = await gather(holdOut);
  const kept = new Set(heldOut.map(({ key }) => key));
  const learn = images.filter(({ key }) => !kept.has(key));
  if (learn.length > 0) return { learn, heldOut };
  throw new AppFailure({
    code: 'usage',
    detail: 'No image is left to learn on; give --on PATH beside --hold-out.',
  });
}

interface Work extends Images {
  readonly model: ModelSummary;
  readonly variant: VariantRow;
  readonly networks: readonly Uint8Array[];
}

async function learnFrom(
  context: Context,
  order: TuneOrder,
  { model, variant, networks, learn, heldOut }: Work,
  { signal, onProgress, onResume }: TuneOptions,
): Promise<TunedNetworks> {
  const { db, now } = context;
  const fingerprint = fingerprintOf(context, order, variant, learn, heldOut);
  const checkpoint = findTuning(db, fingerprint);
  if (checkpoint) onResume?.(checkpoint.steps);
  const teachers = await loadNetworks(db, findVariant(model, fullVariant));
  const engine = context.startEngine();
  try {
    return await engine.ask(
      'tune',
      {
        jobId: context.newId(),
        model: model.recipe,
        networks,
        teachers,
        images: learn.map(({ input }) => input.channels),
        heldOut: heldOut.map(({ input }) => input.channels),
        recipe: order.recipe,
        threads: order.threads,
        checkpoint,
      },
      {
        signal,
        onProgress,
        onCheckpoint: (each) => {
          const row = { fingerprint, variantId: variant.id, updatedAt: now() };
          db.transaction(() => putTuning(db, row, each)).immediate();
        },
      },
    );
  } finally {
    await engine.close();
  }
}

/** Of the same work: a checkpoint fits it. */
function fingerprintOf(
  { appVersion }: Context,
  { recipe }: TuneOrder,
  variant: VariantRow,
  learn: readonly Image[],
  heldOut: readonly Image[],
): string {
  const keys = (images: readonly Image[]): string[] => images.map(({ key }) => key);
  return sha256Hex(
    JSON.stringify([appVersion, variant.id, variant.createdAt, recipe, keys(learn), keys(heldOut)]),
  );
}

interface Judged {
  readonly image: Image;
  readonly before: readonly LabelFidelity[];
  readonly after: readonly LabelFidelity[];
}

/** Each image held out, segmented by the full network, by the variant as it was and as it is. */
async function judge(
  context: Context,
  model: ModelSummary,
  work: Pick<Work, 'networks' | 'heldOut'> & { readonly tuned: TunedNetworks; readonly threads: number },
  options: TuneOptions,
): Promise<Judged[]> {
  const { networks, tuned, heldOut, threads } = work;
  const full = await loadNetworks(context.db, findVariant(model, fullVariant));
  const [cpu] = devicesNamed('cpu', await findHardware(context, options.signal));
  const engine = context.startEngine();
  const run: Comparison = {
    context,
    engine,
    model,
    device: asEngineDevice(cpu!),
    threads,
    toleranceMm: defaultToleranceMm(model),
    options,
  };
  try {
    const judged: Judged[] = [];
    for (const image of heldOut) {
      const { labelsGz } = await segmentImage(run, image, full);
      const compared = async (each: readonly Uint8Array[]): Promise<readonly LabelFidelity[]> =>
        compareLabelmaps(run, await segmentImage(run, image, each), labelsGz);
      judged.push({ image, before: await compared(networks), after: await compared(tuned.networks) });
    }
    return judged;
  } finally {
    await engine.close();
  }
}

/** Mean Dice over the labels that either has; null where there are none. */
function meanOf(labels: readonly LabelFidelity[]): number | null {
  return reportFidelity([labels]).dice;
}

interface Outcome extends Pick<Work, 'model' | 'variant' | 'learn'> {
  readonly tuned: TunedNetworks;
  readonly judged: readonly Judged[];
}

/** Stores the new variant with what was measured of both; returns its name. */
function store(
  { db, now, newId }: Context,
  { recipe: learnt }: TuneOrder,
  { model, variant, tuned, learn, judged }: Outcome,
  fingerprint: string,
): string {
  const createdAt = now();
  return db
    .transaction(() => {
      const name = freeName(getModel(db, model.id), variant.name);
      const id = `${model.id}/${name}`;
      const { parameters, macs } = variant;
      const recipe = tunedRecipe(variant, learnt, tuned, learn);
      const hashes = tuned.networks.map((network) => putRaw(db, network));
      insertVariant(
        db,
        { id, modelId: model.id, name, recipe, parameters, macs, costs: null, createdAt },
        hashes,
      );
      for (const { image, before, after } of judged) {
        for (const [variantId, labels] of [
          [variant.id, before],
          [id, after],
        ] as const) {
          const row = {
            id: newId(),
            variantId,
            image: image.key,
            imageName: image.name,
            reference: 'full',
            referencePath: null,
            calibrated: false,
            toleranceMm: defaultToleranceMm(model),
            createdAt,
            labels,
          } as const;
          putEvaluation(db, row, [image.key, opaqueImage(image.key)]);
        }
      }
      insertAudit(db, createdAt, 'model-tuned', model.id, { variant: name, from: variant.name });
      deleteTuning(db, fingerprint);
      return name;
    })
    .immediate();
}

function tunedRecipe(
  { recipe, name }: VariantRow,
  { learningRate, temperature, foregroundWeight, weightDecay, seed }: TuneRecipe,
  { folds }: TunedNetworks,
  learn: readonly Image[],
): VariantRecipe {
  if (recipe.kind === 'full') return recipe;
  const steps = folds.reduce((sum, fold) => sum + fold.steps, 0);
  const tuned = { from: name, steps, learningRate, temperature, foregroundWeight, weightDecay, seed };
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
