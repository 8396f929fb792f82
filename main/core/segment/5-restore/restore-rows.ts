import { argmaxCells } from './argmax-cells.ts';
import { cellCount } from './axis-map.ts';
import { decideVoxels, type DecidedVoxels } from './decide-voxels.ts';
import { regionCells } from './region-cells.ts';
import type { CellRow, DecideCells, RestoreSlab } from './restore-slab.ts';

/**
 * Interpolates logits linearly and decides the label of every output voxel, for the cells `rowCells` along axis 1.
 * The labels are exactly those of interpolating all classes everywhere and deciding then, at a fraction of the work:
 * interpolation with weights in [0, 1] is monotone in every corner (in floating point too, for a fixed order of
 * operations), so where the eight corners of a cell agree there is nothing to compute, and elsewhere only a few
 * classes can win (`argmaxCells`, `regionCells`).
 */
export function restoreRows(slab: RestoreSlab, rowCells: readonly [number, number]): void {
  const [from, to] = rowCells;
  if (from >= to) return;
  const [map0, map1, map2] = slab.maps;
  const voxels = decideVoxels(slab, map1.lower[from], map1.upper[to - 1] + 1);
  const decideCells = (slab.decision.kind === 'argmax' ? argmaxCells : regionCells)(slab, voxels);
  const uniform = new Int16Array(cellCount(map2));
  for (let k = slab.cells[0]; k < slab.cells[1]; k++) {
    const z0 = Math.max(map0.firstOutput[k], slab.outputPlanes[0]);
    const z1 = Math.min(map0.firstOutput[k + 1], slab.outputPlanes[1]);
    if (z0 >= z1) continue;
    for (let j = from; j < to; j++) {
      const row = cellRow(slab, voxels, k, j, z0, z1);
      findUniformCells(row, voxels.codes, map2.lower, map2.upper, uniform);
      decideRow(slab, voxels, row, uniform, decideCells);
    }
  }
}

function cellRow(
  slab: RestoreSlab,
  voxels: DecidedVoxels,
  k: number,
  j: number,
  z0: number,
  z1: number,
): CellRow {
  const [map0, map1] = slab.maps;
  const [, n1, n2] = slab.shape;
  const logitsRow = (plane: number, y: number) => ((plane - slab.firstPlane) * slab.classes * n1 + y) * n2;
  const codeRow = (plane: number, y: number) =>
    ((plane - slab.firstPlane) * voxels.rowCount + y - voxels.firstRow) * n2;
  const [zl, zu, yl, yu] = [map0.lower[k], map0.upper[k], map1.lower[j], map1.upper[j]];
  return {
    rows: [logitsRow(zl, yl), logitsRow(zl, yu), logitsRow(zu, yl), logitsRow(zu, yu)],
    codeRows: [codeRow(zl, yl), codeRow(zl, yu), codeRow(zu, yl), codeRow(zu, yu)],
    z0,
    z1,
    y0: map1.firstOutput[j],
    y1: map1.firstOutput[j + 1],
  };
}

/** The code that all eight corners of each cell share, or -1. */
function findUniformCells(
  { codeRows: [r00, r01, r10, r11] }: CellRow,
  codes: Uint8Array,
  lower: Int32Array,
  upper: Int32Array,
  uniform: Int16Array,
): void {
  for (let i = 0; i < uniform.length; i++) {
    const l = lower[i];
    const u = upper[i];
    const code = codes[r00 + l];
    const same =
      code === codes[r01 + l] &&
      code === codes[r10 + l] &&
      code === codes[r11 + l] &&
      code === codes[r00 + u] &&
      code === codes[r01 + u] &&
      code === codes[r10 + u] &&
      code === codes[r11 + u];
    uniform[i] = same ? code : -1;
  }
}

function decideRow(
  slab: RestoreSlab,
  voxels: DecidedVoxels,
  row: CellRow,
  uniform: Int16Array,
  decideCells: DecideCells,
): void {
  const [, map1, map2] = slab.maps;
  const width = map2.outSize;
  for (let i = 0; i < uniform.length;) {
    let end = i + 1;
    if (uniform[i] < 0) {
      while (end < uniform.length && uniform[end] < 0) end++;
      decideCells(row, i, end);
    } else {
      while (end < uniform.length && uniform[end] === uniform[i]) end++;
      const label = voxels.labelOfCode[uniform[i]];
      for (let z = row.z0; z < row.z1; z++) {
        for (let y = row.y0; y < row.y1; y++) {
          const at = ((z - slab.outputPlanes[0]) * map1.outSize + y) * width;
          slab.labels.fill(label, at + map2.firstOutput[i], at + map2.firstOutput[end]);
        }
      }
    }
    i = end;
  }
}
