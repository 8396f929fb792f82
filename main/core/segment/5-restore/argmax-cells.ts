import { cellCount, type AxisMap } from './axis-map.ts';
import { interpolateCell } from './cell-interpolation.ts';
import type { DecidedVoxels } from './decide-voxels.ts';
import type { CellRow, DecideCells, RestoreSlab } from './restore-slab.ts';

/**
 * Decides cells whose corners have different best classes. Interpolated, a class lies between its least and its
 * largest corner; so a class whose largest corner is below another's least corner cannot win anywhere in the cell.
 * The others, usually two or three of them, are interpolated; of equals the lowest class wins, as in `np.argmax`.
 */
export function argmaxCells(slab: RestoreSlab, voxels: DecidedVoxels): DecideCells {
  const { logits, classes, maps } = slab;
  const cells = cellCount(maps[2]);
  const bounds = new Float64Array(cells);
  const candidates = new Uint8Array(cells * classes);
  const counts = new Uint16Array(cells);
  const blockSize = largestCell(maps[1]) * largestCell(maps[2]);
  const scratch = {
    value: new Float64Array(blockSize),
    best: new Float64Array(blockSize),
    winner: new Uint8Array(blockSize),
  };

  return (row, from, to) => {
    let leastBound = Infinity;
    for (let i = from; i < to; i++) {
      bounds[i] = lowerBound(slab, voxels.codes, row, i);
      leastBound = Math.min(leastBound, bounds[i]);
      counts[i] = 0;
    }
    for (let c = 0; c < classes; c++) {
      if (largestInRows(voxels, row, c, classes, slab.shape[2]) < leastBound) continue;
      collectCandidates(
        logits,
        row,
        c,
        c * slab.shape[1] * slab.shape[2],
        maps[2],
        from,
        to,
        bounds,
        candidates,
        counts,
        classes,
      );
    }
    for (let i = from; i < to; i++) {
      decideCell(
        slab,
        voxels.labelOfCode,
        row,
        i,
        candidates.subarray(i * classes, i * classes + counts[i]),
        scratch,
      );
    }
  };
}

/** Largest number of outputs in a cell. */
export function largestCell({ firstOutput }: AxisMap): number {
  return firstOutput.reduce(
    (most, first, k) => (k === 0 ? most : Math.max(most, first - firstOutput[k - 1])),
    0,
  );
}

/** What the winner reaches everywhere in the cell: the best, over the corners' own best classes, of the least corner. */
function lowerBound(
  { logits, shape, maps }: RestoreSlab,
  codes: Uint8Array,
  row: CellRow,
  cell: number,
): number {
  const l = maps[2].lower[cell];
  const u = maps[2].upper[cell];
  const classStride = shape[1] * shape[2];
  const [r00, r01, r10, r11] = row.rows;
  let bound = -Infinity;
  let previous = -1;
  for (let corner = 0; corner < 8; corner++) {
    const c = codes[row.codeRows[corner & 3] + (corner < 4 ? l : u)];
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
  row: CellRow,
  c: number,
  classes: number,
  width: number,
): number {
  const of = (codeRow: number) => rowMaxima[(codeRow / width) * classes + c];
  const [r00, r01, r10, r11] = row.codeRows;
  return Math.max(of(r00), of(r01), of(r10), of(r11));
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
    if (
      logits[r00 + l] >= bound ||
      logits[r01 + l] >= bound ||
      logits[r10 + l] >= bound ||
      logits[r11 + l] >= bound ||
      logits[r00 + u] >= bound ||
      logits[r01 + u] >= bound ||
      logits[r10 + u] >= bound ||
      logits[r11 + u] >= bound
    ) {
      candidates[i * classes + counts[i]++] = c;
    }
  }
}

interface Scratch {
  readonly value: Float64Array;
  readonly best: Float64Array;
  readonly winner: Uint8Array;
}

function decideCell(
  slab: RestoreSlab,
  labelOfCode: Uint8Array,
  row: CellRow,
  cell: number,
  candidates: Uint8Array,
  { value, best, winner }: Scratch,
): void {
  const { logits, shape, maps, labels, outputPlanes } = slab;
  const [, map1, map2] = maps;
  const classStride = shape[1] * shape[2];
  const x0 = map2.firstOutput[cell];
  const width = map2.firstOutput[cell + 1] - x0;
  const size = (row.y1 - row.y0) * width;
  for (let z = row.z0; z < row.z1; z++) {
    interpolateCell(logits, maps, row, candidates[0] * classStride, cell, z, best);
    winner.fill(candidates[0], 0, size);
    for (let n = 1; n < candidates.length; n++) {
      const c = candidates[n];
      interpolateCell(logits, maps, row, c * classStride, cell, z, value);
      for (let i = 0; i < size; i++) {
        if (value[i] > best[i]) {
          best[i] = value[i];
          winner[i] = c;
        }
      }
    }
    let at = ((z - outputPlanes[0]) * map1.outSize + row.y0) * map2.outSize + x0;
    for (let i = 0; i < size; at += map2.outSize) {
      for (let x = 0; x < width; x++) labels[at + x] = labelOfCode[winner[i++]];
    }
  }
}
