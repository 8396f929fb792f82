import { AppFailure } from '../contract/app-error.ts';
import type {
  ExportedFile,
  ExportFormat,
  SegmentOutcome,
  VolumeSource,
} from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import type { GeometryVerdict } from '../core/dicom/study.ts';
import { voxelCount } from '../core/volume/volume.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { putRunMeasurement } from '../db/queries/devices.ts';
import { deleteSlabs, setJobState, type JobRow } from '../db/queries/jobs.ts';
import { insertBlob } from '../db/queries/blobs.ts';
import { findResultOfJob, insertResult, type ResultRow } from '../db/queries/results.ts';
import type { Context } from './context.ts';
import { benchmarkCandidates, type BenchmarkOptions } from './benchmark.ts';
import { decide, gatherCandidates, type Candidates, type Decision } from './choose.ts';
import { findHardware, type CheckOptions } from './devices.ts';
import { keepEngine } from './keep-engine.ts';
import { learnFrom } from './learn-from-failure.ts';
import { prepareFolder } from './prepare-folder.ts';
import { defaultFormats, exportStoredResult } from './results.ts';
import { gatherInput, type InputRequest, type ScanOptions } from './gather-input.ts';
import { beginJob, getJob, markInterruptedJobs, runJob, type JobOptions, type Work } from './jobs.ts';
import { defaultModel, getModel, type ModelSummary } from './models.ts';

export interface SegmentOrder extends InputRequest {
  readonly model?: string | undefined;
  /** A variant of the model by its name, or `auto`. */
  readonly variant: string;
  /** A provider, or `auto`. */
  readonly device: string;
  /** Seconds that the whole segmentation may take, if that can be had. */
  readonly maxSeconds?: number | undefined;
  readonly threads: number;
  /** Where to export to; nothing is exported without it. */
  readonly outDir?: string | undefined;
  readonly formats?: readonly ExportFormat[] | undefined;
}

export interface SegmentReport {
  readonly job: JobRow;
  readonly result: ResultRow;
  readonly measurements: SegmentOutcome['measurements'];
  readonly model: ModelSummary;
  readonly decision: Decision;
  readonly files: readonly ExportedFile[];
}

export interface SegmentOptions
  extends JobOptions, Pick<CheckOptions, 'onCheck'>, Pick<BenchmarkOptions, 'onBenchmark'> {
  readonly onScan?: ScanOptions['onProgress'];
  readonly onProblems?: ScanOptions['onProblems'];
  readonly onDecision?: (decision: Decision) => void;
  /** Told why what was decided on did not work, before something else is tried. */
  readonly onSetback?: (decision: Decision, failure: AppFailure) => void;
}

/** Everything from a folder to a stored result and its exports. Throws AppFailure. */
export async function segment(
  context: Context,
  order: SegmentOrder,
  options: SegmentOptions,
): Promise<SegmentReport> {
  markInterruptedJobs(context);
  // Looked for while the model and the folder are read; who asks for it later gets the answer, or the failure.
  findHardware(context, options.signal).catch(() => undefined);
  const model = order.model === undefined ? await defaultModel(context) : getModel(context.db, order.model);
  const input = await gatherInput(context, order, model.recipe, {
    signal: options.signal,
    onProgress: options.onScan,
    onProblems: options.onProblems,
  });
  const formats = order.formats ?? defaultFormats(input);
  checkFormats(formats, input);
  // Found out before the work, not after it.
  if (order.outDir !== undefined) prepareFolder(order.outDir);

  const gathered = await gatherCandidates(
    context,
    { ...order, model, source: input.channels[0] },
    { signal: options.signal, onCheck: options.onCheck },
  );
  const candidates =
    order.threads === defaultThreads ? await benchmarkCandidates(context, gathered, options) : gathered;
  const engine = keepEngine(context);
  try {
    const withEngine = { ...context, startEngine: engine.startEngine };
    const run = await runBest(withEngine, candidates, { input, model, threads: order.threads }, options);
    const result = storeResult(context, run.job, run.work, run.outcome);
    if (order.threads === defaultThreads) storeRun(context, run.decision, run.outcome);
    const { job, decision, outcome } = run;
    const report = { job, result, measurements: outcome.measurements, model, decision, files: [] };
    if (order.outDir === undefined) return report;
    return { ...report, ...(await exportFresh(withEngine, result, outcome, order.outDir, formats, options)) };
  } finally {
    await engine.end();
  }
}

/** Exports a result whose labels are still at hand; returns it with the time that took. */
async function exportFresh(
  context: Context,
  result: ResultRow,
  outcome: SegmentOutcome,
  outDir: string,
  formats: readonly ExportFormat[],
  { onProgress, signal }: SegmentOptions,
): Promise<Pick<SegmentReport, 'result' | 'files'>> {
  const start = performance.now();
  onProgress?.({ stage: 'export', done: 0, total: 1, secondsLeft: null });
  const files = await exportStoredResult(context, result.id, outDir, formats, {
    labelsGz: result.labelmap === outcome.labelsSha256 ? outcome.labelsGz : undefined,
    signal,
  });
  onProgress?.({ stage: 'export', done: 1, total: 1, secondsLeft: null });
  const stageSeconds = { ...result.stageSeconds, export: (performance.now() - start) / 1000 };
  return { result: { ...result, stageSeconds }, files };
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
  options: SegmentOptions,
): Promise<Run> {
  for (let left = candidates; ;) {
    const decision = decide(context, left);
    const { variant, device, choice } = decision;
    options.onDecision?.(decision);
    const work: Work = { ...order, variant, device, tileShape: choice.tileShape };
    const job = await beginJob(context, work);
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

function checkFormats(formats: readonly ExportFormat[], { origin }: JobInput): void {
  const seg = formats.find((format) => format === 'seg' || format === 'seg-labelmap');
  if (seg === undefined || origin.kind === 'dicom') return;
  throw new AppFailure({
    code: 'usage',
    detail: `${seg} needs a DICOM study to refer to, and a NIfTI file is none. Choose nifti, csv, json or png.`,
  });
}

/**
 * The result, its measurements, its labelmap and the job's end: all of it or nothing. Where another program took the job
 * over meanwhile (this one had been asleep) and has stored the same labels, theirs is the result.
 */
function storeResult(
  { db, now, newId, appVersion }: Context,
  job: JobRow,
  { input, model, variant, device, tileShape }: Work,
  outcome: SegmentOutcome,
): ResultRow {
  // Its name is what the engine says that it holds; whoever reads it checks.
  const { labelsGz, labelsSha256 } = outcome;
  const sizeBytes = voxelCount(outcome.grid.shapeZyx);
  const labelmap = { sha256: labelsSha256, sizeBytes, encoding: 'gzip', data: labelsGz } as const;
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
    review: { state: 'open', note: '', reviewedAt: null },
  };
  return db
    .transaction((): ResultRow => {
      const theirs = findResultOfJob(db, job.id);
      if (theirs) return theirs;
      insertBlob(db, labelmap);
      insertResult(db, result, outcome.measurements);
      setJobState(db, job.id, 'done', null, at);
      deleteSlabs(db, job.id);
      insertAudit(db, at, 'job-ended', job.id, { state: 'done', result: result.id });
      return result;
    })
    .immediate();
}
