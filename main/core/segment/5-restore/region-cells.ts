import type { AxisMap } from './axis-map.ts';
import { interpolateCell } from './cell-interpolation.ts';
import type { DecidedVoxels } from './decide-voxels.ts';
import type { CellRow, DecideCells, RestoreSlab } from './restore-slab.ts';

/**
 * Decides cells whose corners are painted by different regions. sigmoid(v) > 0.5 means v > 0, and the last channel
 * above 0 paints the voxel, so channels are interpolated from the last one that is above 0 at any corner downwards,
 * until every voxel is painted.
 */
export function regionCells(slab: RestoreSlab, voxels: DecidedVoxels): DecideCells {
  const { maps } = slab;
  const blockSize = largestCell(maps[1]) * largestCell(maps[2]);
  const value = new Float64Array(blockSize);
  const code = new Uint8Array(blockSize);
  return (row, from, to) => {
    for (let i = from; i < to; i++) {
      const last = lastChannel(voxels.codes, row, maps[2].lower[i], maps[2].upper[i]);
      for (let z = row.z0; z < row.z1; z++)
        decideCell(slab, voxels.labelOfCode, row, i, z, last, value, code);
    }
  };
}

/** 1 + the last channel above 0 at any corner. */
function lastChannel(codes: Uint8Array, { codeRows }: CellRow, l: number, u: number): number {
  let last = 0;
  for (const r of codeRows) last = Math.max(last, codes[r + l], codes[r + u]);
  return last;
}

function decideCell(
  slab: RestoreSlab,
  labelOfCode: Uint8Array,
  row: CellRow,
  cell: number,
  z: number,
  last: number,
  value: Float64Array,
  code: Uint8Array,
): void {
  const { logits, shape, maps, labels, outputPlanes } = slab;
  const [, map1, map2] = maps;
  const x0 = map2.firstOutput[cell];
  const width = map2.firstOutput[cell + 1] - x0;
  const size = (row.y1 - row.y0) * width;
  code.fill(0, 0, size);
  let unpainted = size;
  for (let c = last; c > 0 && unpainted > 0; c--) {
    interpolateCell(logits, maps, row, (c - 1) * shape[1] * shape[2], cell, z, value);
    for (let i = 0; i < size; i++) {
      if (code[i] === 0 && value[i] > 0) {
        code[i] = c;
        unpainted--;
      }
    }
  }
  let at = ((z - outputPlanes[0]) * map1.outSize + row.y0) * map2.outSize + x0;
  for (let i = 0; i < size; at += map2.outSize) {
    for (let x = 0; x < width; x++) labels[at + x] = labelOfCode[code[i++]];
  }
}

/** Largest number of outputs in a cell. */
function largestCell({ firstOutput }: AxisMap): number {
  return firstOutput.reduce(
    (most, first, k) => (k === 0 ? most : Math.max(most, first - firstOutput[k - 1])),
    0,
  );
}
