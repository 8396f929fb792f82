import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { Device, NetworkSource, Progress, SegmentOutcome } from '../contract/engine-protocol.ts';
import type { LabelFile } from '../contract/label-file.ts';
import type { VariantRecipe } from '../contract/variant-recipe.ts';
import { describeFailure } from '../core/devices/self-check.ts';
import type { VariantFidelity } from '../core/report/variant-fidelity.ts';
import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { putEvaluation, type EvaluationRow } from '../db/queries/evaluations.ts';
import { listVariants, type VariantRow } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { asEngineDevice, checkDevices, devicesNamed, findHardware } from './devices.ts';
import type { EngineClient } from './engine-client.ts';
import { gatherImages, type Image, type ImageRequest } from './gather-images.ts';
import type { ScanOptions } from './gather-input.ts';
import {
  findVariant,
  fullVariant,
  getModel,
  loadNetworks,
  networkSources,
  type ModelSummary,
} from './models.ts';
import { opaqueImage } from './opaque-image.ts';
import { listFidelity } from './variant-fidelity.ts';

export interface EvaluationOrder extends ImageRequest {
  readonly model: string;
  /** By name; none: all but the full one. */
  readonly variants: readonly string[];
  /** A labelmap that somebody else made of the one image. */
  readonly reference?: string | undefined;
  /** For surface Dice; the model's largest spacing without it. */
  readonly toleranceMm?: number | undefined;
  readonly device: string;
  readonly threads: number;
}

/** One of the segmentations that an evaluation takes. */
export interface EvaluationStep {
  readonly variant: string;
  readonly image: string;
  /** From 1. */
  readonly number: number;
  readonly total: number;
}

export interface EvaluationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onScan?: ScanOptions['onProgress'];
  readonly onProblems?: ScanOptions['onProblems'];
  readonly onStep?: ((step: EvaluationStep) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called when it has been stored. */
  readonly onEvaluated?: ((evaluation: EvaluationRow) => void) | undefined;
}

export interface EvaluationReport {
  readonly model: ModelSummary;
  readonly device: string;
  readonly toleranceMm: number;
  /** Those of this run. */
  readonly evaluations: readonly EvaluationRow[];
  /** What is known now of the variants of this run, earlier evaluations included. */
  readonly fidelity: readonly VariantFidelity[];
}

/** What stays the same from image to image. */
interface Run {
  readonly context: Context;
  readonly engine: EngineClient;
  readonly model: ModelSummary;
  readonly full: VariantRow;
  readonly variants: readonly VariantRow[];
  readonly device: Device;
  readonly threads: number;
  readonly toleranceMm: number;
  readonly options: EvaluationOptions;
  readonly evaluations: EvaluationRow[];
  readonly step: (variant: VariantRow, image: Image) => void;
}

interface Reference {
  readonly kind: EvaluationRow['reference'];
  readonly path: string | null;
  readonly labelsGz: Uint8Array;
}

/**
 * Segments each image with the full model and the variants, compares them label by label, and stores each comparison as
 * soon as it is there: what is finished stays when the rest is cancelled or fails. The segmentations themselves are not
 * kept. Throws AppFailure.
 */
export async function evaluateModel(
  context: Context,
  order: EvaluationOrder,
  options: EvaluationOptions = {},
): Promise<EvaluationReport> {
  const model = getModel(context.db, order.model);
  const variants = variantsOf(model, order);
  const full = findVariant(model, fullVariant);
  const device = await deviceOf(context, order.device, options.signal);
  const toleranceMm = order.toleranceMm ?? defaultToleranceMm(model);
  // Found out before the work, not after it.
  for (const variant of [full, ...variants]) await loadNetworks(context.db, variant);
  if (order.on.length > 1 && order.reference !== undefined) {
    throw new AppFailure({ code: 'usage', detail: '--reference is about one image; give one --on with it.' });
  }
  const images = await gatherImages(context, order, model, {
    signal: options.signal,
    onProgress: options.onScan,
    onProblems: options.onProblems,
  });

  const engine = context.startEngine();
  try {
    const total = images.length * (1 + variants.length);
    let number = 0;
    const step: Run['step'] = (variant, image) =>
      options.onStep?.({ variant: variant.name, image: image.name, number: ++number, total });
    const { threads } = order;
    const common = { context, engine, model, full, variants, device, threads, toleranceMm, options };
    const run: Run = { ...common, step, evaluations: [] };
    const path = order.reference === undefined ? null : resolve(order.reference);
    for (const image of images) await evaluateImage(run, image, path);
    const names = new Set(variants.map(({ name }) => name));
    const fidelity = listFidelity(context.db, model).filter(({ variant }) => names.has(variant));
    return { model, device: device.name, toleranceMm, evaluations: run.evaluations, fidelity };
  } finally {
    await engine.close();
  }
}

/**
 * The network sees no finer than its own grid: surfaces a step of it apart are not told apart. The largest step, since a
 * surface may run across any axis.
 */
export function defaultToleranceMm({ recipe }: Pick<ModelSummary, 'recipe'>): number {
  return Math.max(...recipe.spacingMm);
}

/** The variants to compare with the full one. */
function variantsOf(model: ModelSummary, { variants, reference }: EvaluationOrder): VariantRow[] {
  const named = variants.length > 0 ? variants.map((name) => findVariant(model, name)) : model.variants;
  const compressed = [...new Set(named)].filter(({ name }) => name !== fullVariant);
  if (compressed.length > 0 || reference !== undefined) return compressed;
  const detail =
    variants.length > 0
      ? 'The full variant is what the others are compared with; name another one, or a --reference.'
      : `${model.id} has no variant to compare with the full one; "thinslice models compress ${model.id}" makes some.`;
  throw new AppFailure({ code: 'usage', detail });
}

/**
 * A comparison of networks should not be one of devices: `auto` is the CPU, for full model and variants alike. Throws
 * AppFailure `device-failed` for a named one that is not there or has failed its check.
 */
async function deviceOf(context: Context, name: string, signal: AbortSignal | undefined): Promise<Device> {
  const devices = devicesNamed(name === 'auto' ? 'cpu' : name, await findHardware(context, signal));
  const [{ facts, verdict }] = await checkDevices(context, devices.slice(0, 1), { signal });
  if (verdict && !verdict.passed) {
    const detail = describeFailure(verdict.failure);
    throw new AppFailure({ code: 'device-failed', device: facts.name, detail });
  }
  return asEngineDevice(facts);
}

async function evaluateImage(run: Run, image: Image, referencePath: string | null): Promise<void> {
  const drawn: Reference | null =
    referencePath === null
      ? null
      : { kind: 'labelmap', path: referencePath, labelsGz: await readReference(run, image, referencePath) };
  const outcome = await segmentOnce(run, image, run.full);
  if (drawn) await compareAndStore(run, image, run.full, outcome, drawn);
  const full: Reference = { kind: 'full', path: null, labelsGz: outcome.labelsGz };
  for (const variant of run.variants) {
    const compared = await segmentOnce(run, image, variant);
    await compareAndStore(run, image, variant, compared, full);
    if (drawn) await compareAndStore(run, image, variant, compared, drawn);
  }
}

/** Labels that somebody drew on an image, gzip. Throws AppFailure where they do not fit it. */
export function readReference(
  { context, engine, model, options }: Comparison,
  { input }: Image,
  path: string,
): Promise<Uint8Array> {
  const request = {
    jobId: context.newId(),
    ...labelFile(input, path),
    image: input.channels[0],
    values: labelValues(model),
  };
  return engine.ask('read-labelmap', request, { signal: options.signal });
}

/** What an engine has to know to read labels of an image. */
export function labelFile({ origin }: Image['input'], path: string): LabelFile {
  return { path, frameOfReferenceUid: origin.kind === 'dicom' ? origin.series.frameOfReferenceUid : '' };
}

function segmentOnce(run: Run, image: Image, variant: VariantRow): Promise<SegmentOutcome> {
  run.step(variant, image);
  return segmentImage(run, image, networkSources(run.context.db, variant));
}

/** What segmenting and comparing an image takes. */
export type Comparison = Pick<
  Run,
  'context' | 'engine' | 'model' | 'device' | 'threads' | 'toleranceMm' | 'options'
>;

/** An image segmented by these networks, which need not be stored. Nothing is kept. */
export function segmentImage(
  { context, engine, model, device, threads, options }: Comparison,
  image: Image,
  networks: readonly NetworkSource[],
): Promise<SegmentOutcome> {
  const request = {
    jobId: context.newId(),
    channels: image.input.channels,
    model: model.recipe,
    networks,
    device,
    threads,
    finishedSlabs: [],
  };
  return engine.ask('segment', request, { onProgress: options.onProgress, signal: options.signal });
}

/** How far labels agree with a reference on the same grid, label by label. */
export function compareLabelmaps(
  { context, engine, model, toleranceMm, options }: Comparison,
  { grid, labelsGz }: Pick<SegmentOutcome, 'grid' | 'labelsGz'>,
  referenceGz: Uint8Array,
): Promise<readonly LabelFidelity[]> {
  const request = {
    jobId: context.newId(),
    grid,
    referenceGz,
    comparedGz: labelsGz,
    values: labelValues(model),
    toleranceMm,
  };
  return engine.ask('compare', request, { onProgress: options.onProgress, signal: options.signal });
}

async function compareAndStore(
  run: Run,
  image: Image,
  variant: VariantRow,
  outcome: SegmentOutcome,
  reference: Reference,
): Promise<void> {
  const { context, toleranceMm, options } = run;
  const labels = await compareLabelmaps(run, outcome, reference.labelsGz);
  const evaluation: EvaluationRow = {
    id: context.newId(),
    variantId: variant.id,
    image: image.key,
    imageName: image.name,
    reference: reference.kind,
    referencePath: reference.path,
    calibrated: isCalibratedOn(variant.recipe, image.key),
    toleranceMm,
    createdAt: context.now(),
    labels,
  };
  store(context, variant, evaluation);
  run.evaluations.push(evaluation);
  options.onEvaluated?.(evaluation);
}

function store({ db }: Context, { id, modelId, name }: VariantRow, evaluation: EvaluationRow): void {
  const { image, imageName, reference, createdAt } = evaluation;
  db.transaction(() => {
    // Another program may have removed it meanwhile.
    if (!listVariants(db, modelId).some((each) => each.id === id)) {
      throw new AppFailure({ code: 'model-not-found', model: `${modelId}/${name}` });
    }
    // The image may be known from a pack too, which does not say its name.
    putEvaluation(db, evaluation, [image, opaqueImage(image)]);
    insertAudit(db, createdAt, 'model-evaluated', modelId, { variant: name, image: imageName, reference });
  }).immediate();
}

function labelValues({ recipe }: ModelSummary): number[] {
  return recipe.labels.map(({ value }) => value).toSorted((a, b) => a - b);
}

/** Whether a variant was fitted to an image or learnt from it. By its key or, for a variant that came with a pack, by the hash of that. */
export function isCalibratedOn(recipe: VariantRecipe, key: string): boolean {
  const keys = 'calibratedOn' in recipe ? recipe.calibratedOn : [];
  return keys.includes(key) || keys.includes(opaqueImage(key));
}
