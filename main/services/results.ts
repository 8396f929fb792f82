import { AppFailure } from '../contract/app-error.ts';
import type { ExportedFile, ExportFormat, ExportRequest, Progress } from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import { describeVerdict } from '../core/dicom/read/describe-verdict.ts';
import type { Database } from '../db/database.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { findResult, listMeasurements, type ResultRow } from '../db/queries/results.ts';
import { BlobDamaged, getChecked } from './blob-store.ts';
import type { Context } from './context.ts';
import { fidelityOf } from './fidelity.ts';
import { getJob } from './jobs.ts';
import { prepareFolder } from './prepare-folder.ts';
import { slug } from './slug.ts';

/** Throws AppFailure `not-found`. */
export function getResult(db: Database, id: string): ResultRow {
  const result = findResult(db, id);
  if (!result) throw new AppFailure({ code: 'not-found', what: 'result', id });
  return result;
}

/** What is written where nobody says what: everything that viewers and spreadsheets read. */
export function defaultFormats({ origin }: JobInput): ExportFormat[] {
  const always: ExportFormat[] = ['nifti', 'csv', 'json', 'png'];
  return origin.kind === 'dicom' ? ['seg', ...always] : always;
}

export interface ExportOptions {
  /** The labels of this very result, where they were just made: gzip. They are not read and checked again. */
  readonly labelsGz?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how many files are written. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Writes a stored result to files in `outDir`, in an engine. Throws AppFailure, which says what result it was where it
 * could not be written; each file is whole or not there.
 */
export async function exportStoredResult(
  context: Context,
  resultId: string,
  outDir: string,
  formats: readonly ExportFormat[] | undefined,
  { labelsGz: known, signal, onProgress }: ExportOptions,
): Promise<readonly ExportedFile[]> {
  const { db, now } = context;
  const result = getResult(db, resultId);
  const { input, variantId } = getJob(db, result.jobId);
  const folder = prepareFolder(outDir);
  const request: Omit<ExportRequest, 'labelsGz'> = {
    jobId: result.jobId,
    labelsSha256: result.labelmap,
    grid: result.grid,
    measurements: listMeasurements(db, result.id),
    model: result.recipe,
    provenance: {
      appVersion: result.appVersion,
      modelName: result.modelName,
      modelSha256: result.modelSha256,
      variant: result.variant,
      variantOverlap: variantId === null ? null : fidelityOf(db, variantId),
      editedFrom: result.parentId,
      device: result.device,
      geometry: describeVerdict(result.geometry),
      createdAt: result.createdAt,
    },
    source: sourceOf(input),
    review: result.review,
    formats: formats ?? defaultFormats(input),
    outDir: folder,
    stem: stemOf(input, result),
  };
  // The engine starts while the labels are read and checked.
  const engine = context.startEngine();
  try {
    const labelsGz = known ?? (await loadLabelmap(context, result));
    const files = await engine.ask('export', { ...request, labelsGz }, { signal, onProgress });
    insertAudit(db, now(), 'result-exported', result.id, { files: files.map(({ path }) => path) });
    return files;
  } catch (error) {
    throw withResult(error, result.id);
  } finally {
    await engine.close();
  }
}

function withResult(caught: unknown, resultId: string): unknown {
  if (!(caught instanceof AppFailure)) return caught;
  const { error } = caught;
  if (error.code !== 'output-failed' && error.code !== 'cancelled') return caught;
  return new AppFailure({ ...error, resultId });
}

/** gzip of the labels, checked against their hash. Throws AppFailure `database-unusable`. */
export async function loadLabelmap(
  { db, inThread }: Pick<Context, 'db' | 'inThread'>,
  result: ResultRow,
): Promise<Uint8Array> {
  // To be checked they are inflated to a byte a voxel.
  if (inThread) return inThread('read-labelmap', result.id);
  try {
    return await getChecked(db, result.labelmap);
  } catch (error) {
    if (!(error instanceof BlobDamaged)) throw error;
    throw new AppFailure({
      code: 'database-unusable',
      path: db.name,
      detail: `result ${result.id}: ${error.message}`,
    });
  }
}

function sourceOf({ channels, origin, path }: JobInput): ExportRequest['source'] {
  const first = channels[0];
  if (first?.kind !== 'dicom' || origin.kind !== 'dicom')
    return { kind: 'nifti', path: first?.kind === 'nifti' ? first.path : path };
  const series = { ...origin.series, volumes: [first.volume] };
  return { kind: 'dicom', study: { ...origin.study, series: [series] }, series, volume: first.volume };
}

/** File names say what was read, never whose it is, and never collide with another job's or another version's. */
function stemOf({ origin, channels }: JobInput, { jobId, id, parentId }: ResultRow): string {
  const first = channels[0];
  const subject =
    origin.kind === 'dicom'
      ? origin.series.description || origin.series.modality
      : first?.kind === 'nifti'
        ? fileStem(first.path)
        : '';
  const edited = parentId === null ? '' : `-edited-${id.slice(0, 8)}`;
  return `${slug(subject)}-${jobId.slice(0, 8)}${edited}`;
}

function fileStem(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(/\.nii(\.gz)?$/i, '');
}
