import { AppFailure } from '../contract/app-error.ts';
import {
  dicomFormats,
  type ExportedFile,
  type ExportFormat,
  type SegmentOutcome,
} from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import type { JobRow } from '../db/queries/jobs.ts';
import type { ResultRow } from '../db/queries/results.ts';
import type { Context } from './context.ts';
import type { Decision } from './choose.ts';
import { findHardware } from './devices.ts';
import { gatherInput, type InputRequest, type ScanOptions } from './gather-input.ts';
import { markInterruptedJobs } from './jobs.ts';
import { keepEngine } from './keep-engine.ts';
import { defaultModel, getModel, type ModelSummary } from './models.ts';
import { prepareFolder } from './prepare-folder.ts';
import { defaultFormats, exportStoredResult } from './results.ts';
import {
  planRun,
  runSegmentation,
  type PlanOptions,
  type RunOptions,
  type SegmentationOrder,
} from './run-segmentation.ts';

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

export interface SegmentOptions extends RunOptions, Pick<PlanOptions, 'onCheck' | 'onBenchmark'> {
  readonly onScan?: ScanOptions['onProgress'];
  readonly onProblems?: ScanOptions['onProblems'];
}

/** Everything from a folder to a stored result and its exports. Throws AppFailure. */
export async function segment(
  context: Context,
  order: SegmentOrder,
  options: SegmentOptions,
): Promise<SegmentReport> {
  markInterruptedJobs(context);
  const kept = keepEngine(context);
  const withEngine = { ...context, startEngine: kept.startEngine };
  try {
    // Looked for while the model and the folder are read; who asks for it later gets the answer, or the failure.
    findHardware(context, options.signal, kept.startEngine).catch(() => undefined);
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

    const run: SegmentationOrder = { ...order, model, input };
    const candidates = await planRun(context, run, { ...options, benchmark: true });
    const { job, result, decision, outcome } = await runSegmentation(withEngine, run, candidates, options);
    const report = { job, result, measurements: outcome.measurements, model, decision, files: [] };
    if (order.outDir === undefined) return report;
    return { ...report, ...(await exportFresh(withEngine, result, outcome, order.outDir, formats, options)) };
  } finally {
    await kept.end();
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

function checkFormats(formats: readonly ExportFormat[], { origin }: JobInput): void {
  const format = formats.find((each) => dicomFormats.includes(each));
  if (format === undefined || origin.kind === 'dicom') return;
  throw new AppFailure({
    code: 'usage',
    detail: `${format} needs a DICOM study to refer to, and a NIfTI file is none. Choose nifti, stl, csv, json or png.`,
  });
}
