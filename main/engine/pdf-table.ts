import type { LabelMeasurement } from '../core/segment/6-measure/measurement.ts';
import type { PdfText, Rgb } from './pdf-text.ts';

const dim: Rgb = [96, 104, 116];
const line: Rgb = [214, 218, 224];
const gap = 14;
/** Rows are as high as there is room for, within these, in points. */
const rowHeights = { most: 14, least: 7.2 };
const mostColumns = 4;

export interface TablePlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly bottom: number;
  /** Of the intensities; empty where nobody knows it. */
  readonly unit: string;
}

/** Labels with volume and intensities, in as many columns as they need to stay on the page. */
export function drawLabelTable(
  document: PDFKit.PDFDocument,
  text: PdfText,
  labels: readonly (LabelMeasurement & { readonly color: readonly number[] })[],
  { left, top, width, bottom, unit }: TablePlace,
): void {
  const room = bottom - top;
  const { columns, rowHeight } = divide(labels.length, room);
  const rows = Math.ceil(labels.length / columns);
  const columnWidth = (width - (columns - 1) * gap) / columns;
  const size = Math.min(8.5, rowHeight * 0.72);
  const head = { size: size * 0.9, color: dim };
  for (let column = 0; column < columns && column * rows < labels.length; column++) {
    const x = left + column * (columnWidth + gap);
    text.line('Label', x, top, head);
    text.line('mL', x + columnWidth * 0.7, top, { ...head, align: 'right' });
    text.line(unit === '' ? 'mean ± SD' : `${unit}, mean ± SD`, x + columnWidth, top, {
      ...head,
      align: 'right',
    });
  }
  for (const [index, label] of labels.entries()) {
    const x = left + Math.floor(index / rows) * (columnWidth + gap);
    const y = top + rowHeight * (1 + (index % rows));
    document.rect(x, y, size * 0.8, size * 0.8).fill(label.color as [number, number, number]);
    const name = `${label.name.replaceAll('_', ' ')}${label.touchesEdge ? ' *' : ''}`;
    text.line(name, x + size * 1.3, y - size * 0.15, { size, width: columnWidth * 0.52 - size * 1.3 });
    const volume = label.volumeMl.toFixed(label.volumeMl < 100 ? 1 : 0);
    text.line(volume, x + columnWidth * 0.7, y - size * 0.15, { size, align: 'right' });
    text.line(intensity(label), x + columnWidth, y - size * 0.15, { size, align: 'right' });
    document
      .moveTo(x, y + rowHeight - 2.2)
      .lineTo(x + columnWidth, y + rowHeight - 2.2)
      .lineWidth(0.3)
      .stroke([...line]);
  }
}

/** The fewest columns in which all rows fit. */
function divide(labels: number, room: number): { columns: number; rowHeight: number } {
  for (let columns = labels > 12 ? 2 : 1; ; columns++) {
    const rowHeight = room / (Math.ceil(labels / columns) + 1);
    if (rowHeight >= rowHeights.least * 1.25 || columns === mostColumns)
      return { columns, rowHeight: Math.min(rowHeights.most, rowHeight) };
  }
}

function intensity({ meanIntensity: mean, sdIntensity: sd }: LabelMeasurement): string {
  if (mean === null || sd === null) return '';
  const digits = Math.abs(mean) < 10 ? 2 : 0;
  return `${mean.toFixed(digits)} ± ${sd.toFixed(digits)}`;
}
