import type { CellRow, RestoreSlab } from './restore-slab.ts';

/** The classes that matter in a run of cells, with the logits at the cells' corners laid out for going class by class. */
export interface CornerColumns {
  /** The classes, ascending; `count` of them. */
  readonly classes: Uint8Array;
  /**
   * [column, class of `classes`, row of `CellRow.rows`], columns of the network grid from the run's first on, `count`
   * classes each.
   */
  readonly logits: Float32Array;
}

export function createCornerColumns({ classes, shape }: RestoreSlab): CornerColumns {
  return {
    classes: new Uint8Array(classes),
    logits: new Float32Array(4 * classes * shape[2]),
  };
}

/** Fills `columns` with the columns [from, to) of the first `count` of its classes. */
export function fillCornerColumns(
  columns: CornerColumns,
  count: number,
  { logits, shape }: RestoreSlab,
  { rows: [r00, r01, r10, r11] }: CellRow,
  from: number,
  to: number,
): void {
  const { classes } = columns;
  // Bits are moved as whole numbers, which is faster.
  const source = new Int32Array(logits.buffer, logits.byteOffset, logits.length);
  const bits = new Int32Array(columns.logits.buffer);
  const stride = 4 * count;
  const width = to - from;
  for (let n = 0; n < count; n++) {
    const column = from + classes[n] * shape[1] * shape[2];
    for (let x = 0, at = 4 * n; x < width; x++, at += stride) {
      const a = source[r00 + column + x];
      const b = source[r01 + column + x];
      const c = source[r10 + column + x];
      const d = source[r11 + column + x];
      bits[at] = a;
      bits[at + 1] = b;
      bits[at + 2] = c;
      bits[at + 3] = d;
    }
  }
}
