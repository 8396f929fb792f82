import PDFDocument from 'pdfkit';
import type { ExportRequest } from '../contract/engine-protocol.ts';
import { readablePersonName } from '../core/dicom/read/person-name.ts';
import { researchUseOnly } from '../core/report/report.ts';
import { reportFacts } from '../core/report/report-facts.ts';
import type { Labelmap } from '../core/volume/volume.ts';
import type { LoadContext } from './decode/run-load-tasks.ts';
import { paintKeyImages, subtitleOf, type KeyImages } from './export-montage.ts';
import { drawLabelTable } from './pdf-table.ts';
import { PdfText, type Rgb } from './pdf-text.ts';

// A4, in points.
const page = { width: 595.28, height: 841.89, margin: 36 };
const inner = page.width - 2 * page.margin;
const columns = 4;
const gap = 6;
const dim: Rgb = [96, 104, 116];
const warning: Rgb = [255, 214, 122];
/** Rows of images fit twice where the planes are not taller than this, in points. */
const tallImage = 135;

/**
 * A report of one page: whose and what it is, how it was made, key images, and the volume and intensities of each label.
 * The images are read again, as for the montage.
 */
export async function exportPdf(
  request: ExportRequest,
  labelmap: Labelmap,
  context: Pick<LoadContext, 'pool' | 'signal'>,
): Promise<Uint8Array> {
  const images = await paintKeyImages(request, labelmap, { maxTiles: 2 * columns, tileWidth: 420 }, context);
  const { provenance, source, model, measurements } = request;
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    // None of the fonts that a reader would have to supply.
    font: null as unknown as string,
    info: {
      Title: 'Segmentation report',
      Subject: researchUseOnly,
      Creator: `Thinslice ${provenance.appVersion}`,
      Producer: `Thinslice ${provenance.appVersion}`,
      CreationDate: new Date(provenance.createdAt),
    },
  });
  const bytes = collect(document);
  const text = new PdfText(document);
  let top = drawHeader(document, text, request);
  top = drawFacts(text, request, top);
  top = drawImages(document, text, images, top);
  const colors = new Map(model.labels.map(({ value, color }) => [value, color]));
  const isCt = source.kind === 'dicom' && source.series.modality === 'CT';
  const bottom = page.height - page.margin - 14;
  drawLabelTable(
    document,
    text,
    measurements
      .filter(({ voxels }) => voxels > 0)
      .map((each) => ({ ...each, color: colors.get(each.value)! })),
    { left: page.margin, top, width: inner, bottom, unit: isCt ? 'HU' : '' },
  );
  text.line(
    `${researchUseOnly} Thinslice ${provenance.appVersion}. * The label reaches the border of the images: its volume may be too small.`,
    page.margin,
    page.height - page.margin - 4,
    { size: 7, color: dim, width: inner },
  );
  document.end();
  return bytes;
}

function collect(document: PDFKit.PDFDocument): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    document.on('data', (piece: Buffer) => pieces.push(piece));
    document.on('end', () => resolve(Buffer.concat(pieces)));
    document.on('error', reject);
  });
}

function drawHeader(document: PDFKit.PDFDocument, text: PdfText, { source }: ExportRequest): number {
  const badge = { size: 9, bold: true };
  const width = text.width(researchUseOnly, badge) + 16;
  document.rect(page.width - page.margin - width, page.margin, width, 20).fill([...warning]);
  text.line(researchUseOnly, page.width - page.margin - width + 8, page.margin + 5, badge);
  text.line('Segmentation report', page.margin, page.margin, { size: 17, bold: true });
  let top = page.margin + 30;
  if (source.kind === 'dicom') {
    const { patientName, patientId, patientBirthDate, patientSex } = source.study;
    const name = readablePersonName(patientName) || 'No name';
    const rest = [patientId, dateOf(patientBirthDate), patientSex].filter((part) => part !== '').join(' · ');
    text.line(name, page.margin, top, { size: 12, bold: true, width: inner });
    text.line(rest, page.margin, top + 16, { size: 9, color: dim, width: inner });
    top += 34;
  }
  return top;
}

/** In two columns, each name before its value. */
function drawFacts(text: PdfText, request: ExportRequest, top: number): number {
  const { source, provenance, review, jobId } = request;
  const facts = reportFacts(
    { provenance, jobId },
    {
      subject: subtitleOf(request),
      studyDate: source.kind === 'dicom' ? dateOf(source.study.studyDate) : '',
      editedFrom: provenance.editedFrom ?? null,
      review: review ?? null,
    },
  );
  const rows = Math.ceil(facts.length / 2);
  const width = (inner - 16) / 2;
  for (const [index, [name, value]] of facts.entries()) {
    const left = page.margin + Math.floor(index / rows) * (width + 16);
    const y = top + (index % rows) * 12;
    text.line(name, left, y, { size: 7.5, color: dim, width: 62 });
    text.line(value, left + 64, y, { size: 7.5, width: width - 64 });
  }
  return top + rows * 12 + 8;
}

function drawImages(
  document: PDFKit.PDFDocument,
  text: PdfText,
  { pngs, captions, leftMark, heightPerWidth }: KeyImages,
  top: number,
): number {
  const full = (inner - (columns - 1) * gap) / columns;
  // Tall planes get one row, and less room than they would fill.
  const height = Math.min(full * heightPerWidth, 220);
  const width = height / heightPerWidth;
  const shown = height > tallImage ? everySecond(pngs.length) : pngs.map((_, index) => index);
  for (const [place, index] of shown.entries()) {
    const left = page.margin + (place % columns) * (full + gap) + (full - width) / 2;
    const y = top + Math.floor(place / columns) * (height + 16);
    document.image(Buffer.from(pngs[index]!), left, y, { width, height });
    const caption = `${captions[index]} · left: ${leftMark}`;
    text.line(caption, left, y + height + 2, { size: 6.5, color: dim, width: full });
  }
  return top + Math.ceil(shown.length / columns) * (height + 16) + 6;
}

function everySecond(count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  return count <= columns ? all : all.filter((index) => index % 2 === 0);
}

/** A DICOM date for people; anything else as it is. */
function dateOf(date: string): string {
  return date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
}
