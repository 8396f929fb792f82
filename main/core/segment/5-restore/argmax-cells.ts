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
      const left = collectCandidates(columns.keys, l, u, count, rival, candidates);
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
  keys: Int32Array,
  l: number,
  u: number,
  count: number,
  rival: number,
  candidates: Uint8Array,
): number {
  const rl = l + 4 * rival;
  const ru = u + 4 * rival;
  // One less: keys of equal logits may differ by one (those of -0 and 0).
  const l0 = (keys[rl] - 1) | 0;
  const l1 = (keys[rl + 1] - 1) | 0;
  const l2 = (keys[rl + 2] - 1) | 0;
  const l3 = (keys[rl + 3] - 1) | 0;
  const u0 = (keys[ru] - 1) | 0;
  const u1 = (keys[ru + 1] - 1) | 0;
  const u2 = (keys[ru + 2] - 1) | 0;
  const u3 = (keys[ru + 3] - 1) | 0;
  let left = 0;
  for (let n = 0, a = l, b = u; n < count; n++, a += 4, b += 4) {
    candidates[left] = n;
    // Negative where all the differences are. No branches: with many classes near one another they would be taken at random.
    const below =
      (keys[a] - l0) &
      (keys[a + 1] - l1) &
      (keys[a + 2] - l2) &
      (keys[a + 3] - l3) &
      (keys[b] - u0) &
      (keys[b + 1] - u1) &
      (keys[b + 2] - u2) &
      (keys[b + 3] - u3);
    left += 1 + (below >> 31);
  }
  return left;
}
