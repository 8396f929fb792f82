import { createCellArgmax } from './cell-argmax.ts';
import { cellCount, type AxisMap } from './axis-map.ts';
import type { DecidedVoxels } from './decide-voxels.ts';
import type { CellRow, DecideCells, RestoreSlab } from './restore-slab.ts';

/**
 * Decides cells whose corners have different best classes. Interpolated, a class lies between its least and its
 * largest corner; so a class whose largest corner is below another's least corner cannot win anywhere in the cell.
 * Only the others are interpolated; of equals the lowest class wins, as in `np.argmax`.
 */
export function argmaxCells(slab: RestoreSlab, voxels: DecidedVoxels): DecideCells {
  const { logits, classes, maps, shape } = slab;
  const cells = cellCount(maps[2]);
  const bounds = new Float64Array(cells);
  const candidates = new Uint8Array(cells * classes);
  const counts = new Uint16Array(cells);
  const decideCell = createCellArgmax(slab, voxels.labelOfCode);

  return (row, from, to) => {
    let leastBound = Infinity;
    for (let i = from; i < to; i++) {
      bounds[i] = lowerBound(slab, voxels.codes, row, i);
      leastBound = Math.min(leastBound, bounds[i]);
      counts[i] = 0;
    }
    for (let c = 0; c < classes; c++) {
      if (largestInRows(voxels, row, c, classes, shape[2]) < leastBound) continue;
      const offset = c * shape[1] * shape[2];
      collectCandidates(logits, row, c, offset, maps[2], from, to, bounds, candidates, counts, classes);
    }
    for (let i = from; i < to; i++) decideCell(row, i, candidates, i * classes, counts[i]);
  };
}

/** What the winner reaches everywhere in the cell: the best, over the corners' own best classes, of the least corner. */
function lowerBound(
  { logits, shape, maps }: RestoreSlab,
  codes: Uint8Array,
  { rows, codeRows }: CellRow,
  cell: number,
): number {
  const l = maps[2].lower[cell];
  const u = maps[2].upper[cell];
  const classStride = shape[1] * shape[2];
  const [r00, r01, r10, r11] = rows;
  let bound = -Infinity;
  let previous = -1;
  for (let corner = 0; corner < 8; corner++) {
    const c = codes[codeRows[corner & 3] + (corner < 4 ? l : u)];
    if (c === previous) continue;
    previous = c;
    const lc = l + c * classStride;
    const uc = u + c * classStride;
    const least = Math.min(
      logits[r00 + lc],
      logits[r01 + lc],
      logits[r10 + lc],
      logits[r11 + lc],
      logits[r00 + uc],
      logits[r01 + uc],
      logits[r10 + uc],
      logits[r11 + uc],
    );
    if (least > bound) bound = least;
  }
  return bound;
}

function largestInRows(
  { rowMaxima }: DecidedVoxels,
  { codeRows: [r00, r01, r10, r11] }: CellRow,
  c: number,
  classes: number,
  width: number,
): number {
  return Math.max(
    rowMaxima[(r00 / width) * classes + c],
    rowMaxima[(r01 / width) * classes + c],
    rowMaxima[(r10 / width) * classes + c],
    rowMaxima[(r11 / width) * classes + c],
  );
}

/** Appends class `c` to the candidates of the cells in which it reaches the bound at some corner. */
function collectCandidates(
  logits: Float32Array,
  { rows: [r00, r01, r10, r11] }: CellRow,
  c: number,
  offset: number,
  { lower, upper }: AxisMap,
  from: number,
  to: number,
  bounds: Float64Array,
  candidates: Uint8Array,
  counts: Uint16Array,
  classes: number,
): void {
  for (let i = from; i < to; i++) {
    const bound = bounds[i];
    const l = lower[i] + offset;
    const u = upper[i] + offset;
    candidates[i * classes + counts[i]] = c;
    // No branches: with many classes near one another they would be taken at random.
    counts[i] +=
      Number(logits[r00 + l] >= bound) |
      Number(logits[r01 + l] >= bound) |
      Number(logits[r10 + l] >= bound) |
      Number(logits[r11 + l] >= bound) |
      Number(logits[r00 + u] >= bound) |
      Number(logits[r01 + u] >= bound) |
      Number(logits[r10 + u] >= bound) |
      Number(logits[r11 + u] >= bound);
  }
}
