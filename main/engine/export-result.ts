import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { AppFailure } from '../contract/app-error.ts';
import type { ExportedFile, ExportFormat, ExportRequest } from '../contract/engine-protocol.ts';
import { writeBinarySeg } from '../core/dicom/seg/write-binary-seg.ts';
import { writeLabelmapSeg } from '../core/dicom/seg/write-labelmap-seg.ts';
import { DicomWriteError } from '../core/dicom/write/dicom-write-error.ts';
import { writeNifti } from '../core/nifti/write-nifti.ts';
import { measurementTable } from '../core/report/measurement-table.ts';
import { researchUseOnly } from '../core/report/report.ts';
import type { Report } from '../core/report/report.ts';
import { resultDocument } from '../core/report/result-document.ts';
import { voxelCount } from '../core/volume/volume.ts';
import type { Labelmap } from '../core/volume/volume.ts';
import { removeAbandoned } from '../files/write-whole-file.ts';
import { writeExport } from './export-file.ts';
import { exportMontage } from './export-montage.ts';
import { exportPdf } from './export-pdf.ts';
import { exportSurfaces } from './export-surfaces.ts';
import { niftiSpaceOf } from './export-nifti-space.ts';
import { segInput } from './export-seg.ts';
import type { FreshLabels } from './fresh-labels.ts';
import { inflateLabels } from './inflate-labels.ts';
import { createTaskRunner } from './task-runner.ts';
import { prefixGzip } from './prefix-gzip.ts';
import type { LoadContext } from './decode/run-load-tasks.ts';
import type { Send } from './port.ts';

type ExportContext = Pick<LoadContext, 'pool' | 'signal'> & {
  readonly send?: Send | undefined;
  /** The labels that this engine made last. */
  readonly fresh?: FreshLabels;
};
type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const extensions: Readonly<Record<ExportFormat, string>> = {
  seg: '.seg.dcm',
  'seg-labelmap': '.seg-labelmap.dcm',
  rtstruct: '.rtstruct.dcm',
  nifti: '.nii.gz',
  stl: '.stl.zip',
  csv: '.csv',
  json: '.json',
  png: '.png',
  pdf: '.pdf',
};

/**
 * Writes a result in each of the formats asked for, as `outDir/stem` and the format's extension; a file of that name
 * is replaced. All are written at once: one waits for the disk while another is encoded. Each file appears whole or not
 * at all; the first failure ends the others, and those finished before it stay. Throws AppFailure: `output-failed` with
 * path and cause, `usage` for a DICOM SEG of something that was no DICOM, `cancelled`.
 */
export async function exportResult(request: ExportRequest, context: ExportContext): Promise<ExportedFile[]> {
  const { grid } = request;
  const labelmap: Labelmap = { labels: await labelsOf(request, context), grid };
  await removeAbandoned(request.outDir);
  const failure = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, failure.signal]) : failure.signal;
  const { jobId, formats } = request;
  let done = 0;
  const report = (files: number): void =>
    void context.send?.({
      type: 'progress',
      jobId,
      progress: { stage: 'export', done: files, total: formats.length, secondsLeft: null },
    });
  const write = async (format: ExportFormat): Promise<ExportedFile> => {
    if (signal.aborted) throw new AppFailure({ code: 'cancelled' });
    const path = join(request.outDir, request.stem + extensions[format]);
    try {
      const pieces = await encode(format, path, request, labelmap, { ...context, signal });
      await writeExport(path, pieces, signal);
      report(++done);
      return { format, path };
    } catch (error) {
      // Only the first counts: it is the cause of what follows.
      failure.abort(error);
      throw error;
    }
  };
  const written = await Promise.allSettled(request.formats.map(write));
  const files = written.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (files.length === written.length) return files;
  if (context.signal?.aborted) throw new AppFailure({ code: 'cancelled' });
  throw failure.signal.reason as unknown;
}

/** Those that this engine has just made, or else inflated. */
async function labelsOf(
  { grid, labelsGz, labelsSha256 }: ExportRequest,
  { fresh }: ExportContext,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const size = voxelCount(grid.shapeZyx);
  const kept = fresh?.take(labelsSha256);
  if (kept?.length === size) return kept;
  const labels = new Uint8Array(new SharedArrayBuffer(size));
  await inflateLabels(labelsGz, labels);
  return labels;
}

async function encode(
  format: ExportFormat,
  path: string,
  request: ExportRequest,
  labelmap: Labelmap,
  context: ExportContext,
): Promise<Pieces> {
  switch (format) {
    case 'seg':
    case 'seg-labelmap':
    case 'rtstruct':
      return encodeDicom(format, path, request, labelmap, context);
    case 'stl':
      return exportSurfaces(request, labelmap, context);
    case 'nifti':
      return gzipNifti(request, labelmap);
    case 'csv':
      // Excel takes a CSV for UTF-8 only if it begins with a byte order mark.
      return [text(stringify(measurementTable(reportOf(request)), { bom: true, escape_formulas: true }))];
    case 'json':
      return [text(JSON.stringify(resultDocument(reportOf(request)), null, 2) + '\n')];
    case 'png':
      return [await exportMontage(request, labelmap, context)];
    case 'pdf':
      return [await exportPdf(request, labelmap, context)];
  }
}

async function encodeDicom(
  format: 'seg' | 'seg-labelmap' | 'rtstruct',
  path: string,
  request: ExportRequest,
  labelmap: Labelmap,
  context: ExportContext,
): Promise<Pieces> {
  if (request.source.kind !== 'dicom') {
    const detail = `${format} refers to the DICOM images it was made from, and this input is NIfTI; use nifti, stl, csv or json`;
    throw new AppFailure({ code: 'usage', detail });
  }
  const input = segInput(request, request.source, labelmap);
  try {
    if (format === 'rtstruct') {
      const { measurements } = request;
      const written = await createTaskRunner(context).run('traceRtStruct', { input, measurements });
      if ('refused' in written) throw new DicomWriteError(written.refused);
      return written;
    }
    return (format === 'seg' ? writeBinarySeg(input) : writeLabelmapSeg(input)).pieces;
  } catch (error) {
    if (!(error instanceof DicomWriteError)) throw error;
    throw new AppFailure({ code: 'output-failed', path, detail: error.message });
  }
}

/** The labels go from the database to the file as they were compressed there. */
async function gzipNifti(
  { source, provenance, labelsGz }: ExportRequest,
  { labels, grid }: Labelmap,
): Promise<Pieces> {
  const space = source.kind === 'nifti' ? await niftiSpaceOf(source.path) : undefined;
  const edited = typeof provenance.editedFrom === 'string' ? ', edited by hand' : '';
  const description = `${researchUseOnly} Thinslice ${provenance.appVersion}${edited}`;
  const [header] = writeNifti(labels, grid, description, space);
  return prefixGzip(header, labelsGz, labels);
}

function reportOf({ jobId, provenance, source, grid, measurements }: ExportRequest): Report {
  return {
    jobId,
    provenance,
    source:
      source.kind === 'nifti'
        ? source
        : {
            kind: 'dicom',
            studyInstanceUid: source.study.studyInstanceUid,
            seriesInstanceUid: source.series.seriesInstanceUid,
            part: source.volume.part,
          },
    grid,
    measurements,
  };
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
