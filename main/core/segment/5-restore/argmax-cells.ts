import { createCellArgmax } from './cell-argmax.ts';
import { cellCount } from './axis-map.ts';
import { createCornerColumns, fillCornerColumns } from './corner-columns.ts';
import type { DecidedVoxels } from './decide-voxels.ts';
import type { CellRow, DecideCells, RestoreSlab } from './restore-slab.ts';

/**
 * Decides cells whose corners have different best classes. Interpolation keeps order: a class that lies below a rival
 * at every corner of the cell lies below it everywhere in it, and cannot win. The rival is the class that is best in
 * the middle of the cell, of those that are best at a corner. Only the classes that it does not beat so are
 * interpolated; of equals the lowest class wins, as in `np.argmax`.
 */
export function argmaxCells(slab: RestoreSlab, voxels: DecidedVoxels): DecideCells {
  const { classes, maps, shape } = slab;
  const { lower, upper } = maps[2];
  const rivals = new Uint8Array(cellCount(maps[2]));
  const columns = createCornerColumns(slab);
  const placeOfClass = new Uint8Array(classes);
  const candidates = new Uint8Array(classes + 1);
  const decideCell = createCellArgmax(slab, columns, voxels.labelOfCode);

  return (row, from, to) => {
    const least = chooseRivals(slab, voxels.codes, row, from, to, rivals);
    let count = 0;
    for (let c = 0; c < classes; c++) {
      placeOfClass[c] = count;
      columns.classes[count] = c;
      count += Number(largestInRows(voxels, row, c, classes, shape[2]) >= least);
    }
    const first = lower[from];
    fillCornerColumns(columns, count, slab, row, first, upper[to - 1] + 1);
    for (let i = from; i < to; i++) {
      const l = (lower[i] - first) * 4 * count;
      const u = (upper[i] - first) * 4 * count;
      const rival = placeOfClass[rivals[i]];
      const left = collectCandidates(columns.logits, l, u, count, rival, candidates);
      decideCell(row, i, l, u, candidates, left, rival);
    }
  };
}

/** Fills `rivals` for the cells [from, to); returns the least of what they reach anywhere in their cells. */
function chooseRivals(
  { logits, shape, maps }: RestoreSlab,
  codes: Uint8Array,
  { rows, codeRows }: CellRow,
  from: number,
  to: number,
  rivals: Uint8Array,
): number {
  const { lower, upper } = maps[2];
  const classStride = shape[1] * shape[2];
  const [r00, r01, r10, r11] = rows;
  let leastOfAll = Infinity;
  for (let i = from; i < to; i++) {
    const l = lower[i];
    const u = upper[i];
    let highest = -Infinity;
    let least = Infinity;
    let previous = -1;
    for (let corner = 0; corner < 8; corner++) {
      const c = codes[codeRows[corner & 3] + (corner < 4 ? l : u)];
      if (c === previous) continue;
      previous = c;
      const lc = l + c * classStride;
      const uc = u + c * classStride;
      const l0 = logits[r00 + lc];
      const l1 = logits[r01 + lc];
      const l2 = logits[r10 + lc];
      const l3 = logits[r11 + lc];
      const u0 = logits[r00 + uc];
      const u1 = logits[r01 + uc];
      const u2 = logits[r10 + uc];
      const u3 = logits[r11 + uc];
      const sum = l0 + l1 + (l2 + l3) + (u0 + u1 + (u2 + u3));
      if (sum <= highest) continue;
      highest = sum;
      rivals[i] = c;
      least = Math.min(l0, l1, l2, l3, u0, u1, u2, u3);
    }
    if (least < leastOfAll) leastOfAll = least;
  }
  return leastOfAll;
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

/**
 * Fills `candidates` with the places of the classes that reach the rival at some corner, ascending; returns how many.
 *
 * @param l of the four corners of the first class below, `u` above
 */
function collectCandidates(
  logits: Float32Array,
  l: number,
  u: number,
  count: number,
  rival: number,
  candidates: Uint8Array,
): number {
  const rl = l + 4 * rival;
  const ru = u + 4 * rival;
  const l0 = logits[rl];
  const l1 = logits[rl + 1];
  const l2 = logits[rl + 2];
  const l3 = logits[rl + 3];
  const u0 = logits[ru];
  const u1 = logits[ru + 1];
  const u2 = logits[ru + 2];
  const u3 = logits[ru + 3];
  let left = 0;
  for (let n = 0, a = l, b = u; n < count; n++, a += 4, b += 4) {
    candidates[left] = n;
    // No branches: with many classes near one another they would be taken at random.
    left +=
      Number(logits[a] >= l0) |
      Number(logits[a + 1] >= l1) |
      Number(logits[a + 2] >= l2) |
      Number(logits[a + 3] >= l3) |
      Number(logits[b] >= u0) |
      Number(logits[b + 1] >= u1) |
      Number(logits[b + 2] >= u2) |
      Number(logits[b + 3] >= u3);
  }
  return left;
}
