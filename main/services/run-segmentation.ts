import { AppFailure } from '../contract/app-error.ts';
import type { SegmentOutcome, VolumeSource } from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import { notReviewed } from '../contract/review.ts';
import type { GeometryVerdict } from '../core/dicom/study.ts';
import { voxelCount } from '../core/volume/volume.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { putRunMeasurement } from '../db/queries/devices.ts';
import { deleteSlabs, setJobState, type JobRow } from '../db/queries/jobs.ts';
import { findResultOfJob, insertResult, type ResultRow } from '../db/queries/results.ts';
import { putBlob, storeAhead } from './blob-store.ts';
import { benchmarkCandidates, type BenchmarkOptions } from './benchmark.ts';
import { decide, gatherCandidates, type Candidates, type Decision } from './choose.ts';
import type { Context } from './context.ts';
import type { CheckOptions } from './devices.ts';
import { beginJob, getJob, runJob, type JobOptions, type Work } from './jobs.ts';
import { learnFrom } from './learn-from-failure.ts';
import type { ModelSummary } from './models.ts';

/** What is to be segmented by which model, and what the user leaves to the program of how: the same from a command and from the window. */
export interface SegmentationOrder {
  readonly model: ModelSummary;
  readonly input: JobInput;
  /** A variant of the model by its name, or `auto`. */
  readonly variant: string;
  /** A provider, the key of a device, or `auto`. */
  readonly device: string;
  /** Seconds that the whole segmentation may take, if that can be had. */
  readonly maxSeconds?: number | undefined;
  readonly threads: number;
}

export interface PlanOptions extends CheckOptions, BenchmarkOptions {
  /** Left out: what was never run is not timed either. */
  readonly benchmark?: boolean | undefined;
}

/**
 * What an order can be run with, as far as it does not change while it runs; `decide` says what is best of it. Nothing of
 * the volume is read. Throws AppFailure.
 */
export async function planRun(
  context: Context,
  order: SegmentationOrder,
  { benchmark, ...options }: PlanOptions = {},
): Promise<Candidates> {
  const gathered = await gatherCandidates(context, { ...order, source: order.input.channels[0]! }, options);
  if (!benchmark || order.threads !== defaultThreads) return gathered;
  return benchmarkCandidates(context, gathered, options);
}

export interface RunOptions extends JobOptions {
  readonly onDecision?: (decision: Decision) => void;
  /** Told the job that is begun, or taken up again, for what was decided on. */
  readonly onJob?: (job: JobRow) => void;
  /** Told why what was decided on did not work, before something else is tried. */
  readonly onSetback?: (decision: Decision, failure: AppFailure) => void;
}

export interface RunReport {
  readonly job: JobRow;
  readonly result: ResultRow;
  readonly outcome: SegmentOutcome;
  readonly decision: Decision;
}

/** Segments as planned and stores the result; what it took is remembered for the next plan. Throws AppFailure as `runBest`. */
export async function runSegmentation(
  context: Context,
  order: SegmentationOrder,
  candidates: Candidates,
  options: RunOptions,
): Promise<RunReport> {
  const { job, work, decision, outcome } = await runBest(context, candidates, order, options);
  const result = await storeResult(context, job, work, outcome);
  if (order.threads === defaultThreads) storeRun(context, decision, outcome);
  return { job, result, outcome, decision };
}

/** As many as onnxruntime takes by itself: what is measured with them can be compared. */
const defaultThreads = 0;

interface Run {
  readonly job: JobRow;
  readonly work: Work;
  readonly outcome: SegmentOutcome;
  readonly decision: Decision;
}

/**
 * Runs what is best, and where that fails for want of memory or on a faulty device, what is best without it: a smaller
 * tile, a smaller variant, another device. Each is a job of its own, since its labels would differ. Throws AppFailure:
 * the failure where another choice would not help, `nothing-to-choose` where none is left.
 */
async function runBest(
  context: Context,
  candidates: Candidates,
  order: Pick<Work, 'input' | 'model' | 'threads'>,
  options: RunOptions,
): Promise<Run> {
  for (let left = candidates; ;) {
    const decision = decide(context, left);
    const { variant, device, choice } = decision;
    options.onDecision?.(decision);
    const work: Work = { ...order, variant, device, tileShape: choice.tileShape };
    const job = await beginJob(context, work);
    options.onJob?.(job);
    try {
      return { job, work, decision, outcome: await runJob(context, job, work, options) };
    } catch (error) {
      if (!(error instanceof AppFailure) || !isOfNetwork(context, job)) throw error;
      const attempt = { facts: choice.device, variant, tileShape: choice.tileShape };
      const others = learnFrom(context, left, attempt, error);
      if (!others) throw error;
      options.onSetback?.(decision, error);
      left = others;
    }
  }
}

/** Whatever fails before or after the network runs would fail with any other too. */
function isOfNetwork({ db }: Context, { id }: JobRow): boolean {
  return getJob(db, id).stage === 'predict';
}

/** What a run took is better known than any benchmark tells. */
function storeRun({ db, appVersion, now }: Context, { choice, variant }: Decision, { run }: SegmentOutcome) {
  if (!run) return;
  putRunMeasurement(db, {
    deviceKey: choice.device.key,
    variantId: variant.id,
    tileShape: run.tileShape,
    seconds: run.seconds,
    peakBytes: null,
    appVersion,
    measuredAt: now(),
  });
}

/** The geometry of what was read: the gate's verdict of a DICOM volume; a NIfTI file is a rectangular grid. */
export function geometryOf(source: VolumeSource | undefined): GeometryVerdict {
  return source?.kind === 'dicom' ? source.volume.verdict : { outcome: 'ok', findings: [] };
}

/**
 * The result, its measurements, its labelmap and the job's end: all of it or nothing (in a window the labelmap may be left
 * without a result, and is then removed with the other orphans). Where another program took the job
 * over meanwhile (this one had been asleep) and has stored the same labels, theirs is the result.
 */
async function storeResult(
  context: Context,
  job: JobRow,
  { input, model, variant, device, tileShape }: Work,
  outcome: SegmentOutcome,
): Promise<ResultRow> {
  const { db, now, newId, appVersion } = context;
  // Its name is what the engine says that it holds; whoever reads it checks.
  const { labelsGz, labelsSha256 } = outcome;
  const sizeBytes = voxelCount(outcome.grid.shapeZyx);
  const labelmap = { sha256: labelsSha256, sizeBytes, encoding: 'gzip', data: labelsGz } as const;
  await storeAhead(context, labelmap);
  const at = now();
  const result: ResultRow = {
    id: newId(),
    jobId: job.id,
    parentId: null,
    labelmap: labelmap.sha256,
    grid: outcome.grid,
    geometry: geometryOf(input.channels[0]),
    recipe: { ...model.recipe, patch: tileShape },
    modelName: model.name,
    modelSha256: model.sha256,
    variant: variant.name,
    device: device.name,
    appVersion,
    stageSeconds: { ...outcome.stageSeconds, network: outcome.networkSeconds },
    peakMemoryBytes: outcome.peakMemoryBytes,
    createdAt: at,
    review: notReviewed,
  };
  return db
    .transaction((): ResultRow => {
      const theirs = findResultOfJob(db, job.id);
      if (theirs) return theirs;
      putBlob(db, context, labelmap);
      insertResult(db, result, outcome.measurements);
      setJobState(db, job.id, 'done', null, at);
      deleteSlabs(db, job.id);
      insertAudit(db, at, 'job-ended', job.id, { state: 'done', result: result.id });
      return result;
    })
    .immediate();
}
