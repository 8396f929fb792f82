import type { ResultLabel, ResultView } from '../../../main/contract/ipc/result-channels.ts';
import { researchUseOnly } from '../../../main/core/report/report.ts';
import type { Vec3 } from '../../../main/core/volume/volume.ts';

/** A label as the table has it, with edits that are not stored yet. */
export interface LabelRow {
  readonly value: number;
  readonly name: string;
  /** The name with spaces, which wraps and reads better. */
  readonly shownName: string;
  readonly color: Vec3;
  readonly voxels: number;
  readonly volumeMl: number;
  /** Known of stored labels only. */
  readonly mean: number | null;
  readonly sd: number | null;
  readonly touchesEdge: boolean;
  readonly isEdited: boolean;
}

export type SortKey = 'order' | 'name' | 'volumeMl' | 'mean';

/** @param voxels of each label now; volumes follow them, intensities are measured when an edit is stored */
export function rowsOf(result: ResultView, voxels: ReadonlyMap<number, number>): LabelRow[] {
  const voxelMl = result.grid.spacingZyxMm.reduce((product, mm) => product * mm, 1 / 1000);
  return result.labels.map((label: ResultLabel) => {
    const now = voxels.get(label.value) ?? label.voxels;
    const isEdited = now !== label.voxels;
    return {
      value: label.value,
      name: label.name,
      shownName: label.name.replaceAll('_', ' '),
      color: label.color,
      voxels: now,
      volumeMl: isEdited ? now * voxelMl : label.volumeMl,
      mean: isEdited ? null : label.meanIntensity,
      sd: isEdited ? null : label.sdIntensity,
      touchesEdge: label.touchesEdge,
      isEdited,
    };
  });
}

/** Labels whose name has all the words, in any order; underscores are spaces. */
export function findLabels(rows: readonly LabelRow[], words: string): readonly LabelRow[] {
  const wanted = words
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean);
  return rows.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
}

/** A label without a value comes last, whichever way. */
export function sortRows(
  rows: readonly LabelRow[],
  key: SortKey,
  isDescending: boolean,
): readonly LabelRow[] {
  if (key === 'order') return rows;
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    if (key === 'name') return sign * a.name.localeCompare(b.name);
    const [first, second] = [a[key], b[key]];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return sign * (first - second);
  });
}

/** The table as text: tab-separated for a spreadsheet, or CSV (RFC 4180) with the result and the notice on each line. */
export function tableText(
  rows: readonly LabelRow[],
  result: Pick<ResultView, 'id' | 'modelName' | 'variant' | 'intensityUnit'>,
  kind: 'tsv' | 'csv',
): string {
  const unit = result.intensityUnit === '' ? '' : `_${result.intensityUnit.toLowerCase()}`;
  const head = ['label', 'name', 'voxels', 'volume_ml', `mean${unit}`, `sd${unit}`, 'touches_edge'];
  const cells = rows.map((row) => [
    row.value,
    row.name,
    row.voxels,
    Number(row.volumeMl.toFixed(6)),
    row.mean === null ? '' : Number(row.mean.toFixed(3)),
    row.sd === null ? '' : Number(row.sd.toFixed(3)),
    row.touchesEdge ? 'yes' : 'no',
  ]);
  if (kind === 'tsv') return lines([head, ...cells, [researchUseOnly]], '\t', inert);
  const about = [result.id, result.modelName, result.variant, researchUseOnly];
  return lines(
    [[...head, 'result', 'model', 'variant', 'notice'], ...cells.map((row) => [...row, ...about])],
    ',',
    quoted,
  );
}

type Cell = string | number;

function lines(table: readonly (readonly Cell[])[], between: string, write: (cell: Cell) => string): string {
  return table.map((row) => row.map(write).join(between) + '\r\n').join('');
}

/** A name that a spreadsheet would run as a formula is text. */
function inert(cell: Cell): string {
  const text = typeof cell === 'string' ? cell.replace(/[\t\r\n]/g, ' ') : String(cell);
  return typeof cell === 'string' && /^[=+\-@]/.test(text) ? `'${text}` : text;
}

function quoted(cell: Cell): string {
  const text = inert(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
