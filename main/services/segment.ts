import { AppFailure } from '../contract/app-error.ts';
import type {
  ExportedFile,
  ExportFormat,
  SegmentOutcome,
  VolumeSource,
} from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import type { GeometryVerdict } from '../core/dicom/study.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { deleteSlabs, setJobState, type JobRow } from '../db/queries/jobs.ts';
import { insertBlob } from '../db/queries/blobs.ts';
import { findResultOfJob, insertResult, type ResultRow } from '../db/queries/results.ts';
import { gzipBlob } from './blob-store.ts';
import type { Context } from './context.ts';
import { chooseDevice } from './devices.ts';
import { prepareFolder } from './prepare-folder.ts';
import { defaultFormats, exportStoredResult } from './results.ts';
import { gatherInput, type InputRequest, type ScanOptions } from './gather-input.ts';
import { beginJob, markInterruptedJobs, runJob, type JobOptions, type Work } from './jobs.ts';
import { defaultModel, findVariant, fullVariant, getModel, type ModelSummary } from './models.ts';

export interface SegmentOrder extends InputRequest {
  readonly model?: string | undefined;
  /** A variant of the model by its name; the full network without it. */
  readonly variant?: string | undefined;
  readonly device: string;
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
  readonly files: readonly ExportedFile[];
}

/** Everything from a folder to a stored result and its exports. Throws AppFailure. */
export async function segment(
  context: Context,
  order: SegmentOrder,
  options: JobOptions & {
    readonly onScan?: ScanOptions['onProgress'];
    readonly onProblems?: ScanOptions['onProblems'];
  },
): Promise<SegmentReport> {
  markInterruptedJobs(context);
  const device = chooseDevice(order.device);
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
  const work: Work = {
    input,
    model,
    variant: findVariant(model, order.variant ?? fullVariant),
    device,
    threads: order.threads,
  };

  const job = await beginJob(context, work);
  const outcome = await runJob(context, job, work, options);
  const result = await storeResult(context, job, work, outcome);
  const report: SegmentReport = { job, result, measurements: outcome.measurements, model, files: [] };
  if (order.outDir === undefined) return report;

  const exportStart = performance.now();
  options.onProgress?.({ stage: 'export', done: 0, total: 1, secondsLeft: null });
  const files = await exportStoredResult(context, result.id, order.outDir, formats, options.signal);
  options.onProgress?.({ stage: 'export', done: 1, total: 1, secondsLeft: null });
  const stageSeconds = { ...result.stageSeconds, export: (performance.now() - exportStart) / 1000 };
  return { ...report, result: { ...result, stageSeconds }, files };
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
async function storeResult(
  { db, now, newId, appVersion }: Context,
  job: JobRow,
  { input, model, variant, device }: Work,
  outcome: SegmentOutcome,
): Promise<ResultRow> {
  const labelmap = await gzipBlob(outcome.labelsGz);
  const at = now();
  const result: ResultRow = {
    id: newId(),
    jobId: job.id,
    labelmap: labelmap.sha256,
    grid: outcome.grid,
    geometry: geometryOf(input.channels[0]),
    recipe: model.recipe,
    modelName: model.name,
    modelSha256: model.sha256,
    variant: variant.name,
    device: device.name,
    appVersion,
    stageSeconds: { ...outcome.stageSeconds, network: outcome.networkSeconds },
    peakMemoryBytes: outcome.peakMemoryBytes,
    createdAt: at,
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
