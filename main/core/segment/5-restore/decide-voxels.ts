import type { Decision } from '../../model/segmentation-model.ts';
import type { RestoreSlab } from './restore-slab.ts';

/** The decision at every voxel of some rows of the network grid, where nothing is interpolated. */
export interface DecidedVoxels {
  readonly firstRow: number;
  readonly rowCount: number;
  /**
   * [plane, row, d2]. For argmax the class with the largest logit, the lowest of equals. For regions 1 + the last
   * channel above 0, which is the one that paints the voxel, or 0 for none.
   */
  readonly codes: Uint8Array;
  readonly labelOfCode: Uint8Array;
  /** [plane, row, class]: the largest logit of each class in the row. */
  readonly rowMaxima: Float32Array;
}

/** Decides the voxels of the rows [firstRow, endRow) of all planes that the slab's cells use. */
export function decideVoxels(slab: RestoreSlab, firstRow: number, endRow: number): DecidedVoxels {
  const { logits, classes, maps, cells, firstPlane, decision } = slab;
  const [, n1, n2] = slab.shape;
  const rowCount = endRow - firstRow;
  const planes = maps[0].upper[cells[1] - 1] + 1 - firstPlane;
  const codes = new Uint8Array(planes * rowCount * n2);
  const rowMaxima = new Float32Array(planes * rowCount * classes);
  const decide = decision.kind === 'argmax' ? rowArgmax : rowLastPositive;
  const best = new Float32Array(n2);
  for (let p = maps[0].lower[cells[0]] - firstPlane; p < planes; p++) {
    for (let r = 0; r < rowCount; r++) {
      const at = p * rowCount + r;
      const row = (p * classes * n1 + firstRow + r) * n2;
      decide(logits, row, n1 * n2, classes, n2, codes, at * n2, rowMaxima, at * classes, best);
    }
  }
  const values = decision.kind === 'argmax' ? decision.values : [0, ...decision.values];
  return { firstRow, rowCount, codes, labelOfCode: Uint8Array.from(values), rowMaxima };
}

/**
 * The decision at every voxel of logits [class, voxel] that stay on the network's grid: a code as of `DecidedVoxels`, of which
 * there are `codeCount`.
 */
export function decideCodes(logits: Float32Array, { kind, values }: Decision): Uint8Array {
  const classes = values.length;
  const voxels = logits.length / classes;
  const codes = new Uint8Array(voxels);
  const decide = kind === 'argmax' ? rowArgmax : rowLastPositive;
  const maxima = new Float32Array(classes);
  decide(logits, 0, voxels, classes, voxels, codes, 0, maxima, 0, new Float32Array(voxels));
  return codes;
}

/** Background among them, which is code 0. */
export function codeCount({ kind, values }: Decision): number {
  return kind === 'argmax' ? values.length : values.length + 1;
}

function rowArgmax(
  logits: Float32Array,
  row: number,
  classStride: number,
  classes: number,
  width: number,
  codes: Uint8Array,
  code: number,
  maxima: Float32Array,
  maximum: number,
  best: Float32Array,
): void {
  best.fill(-Infinity);
  for (let c = 0; c < classes; c++) {
    const from = row + c * classStride;
    let max = -Infinity;
    for (let x = 0; x < width; x++) {
      const value = logits[from + x];
      if (value > max) max = value;
      if (value > best[x]) {
        best[x] = value;
        codes[code + x] = c;
      }
    }
    maxima[maximum + c] = max;
  }
}

function rowLastPositive(
  logits: Float32Array,
  row: number,
  classStride: number,
  classes: number,
  width: number,
  codes: Uint8Array,
  code: number,
  maxima: Float32Array,
  maximum: number,
): void {
  for (let c = 0; c < classes; c++) {
    const from = row + c * classStride;
    let max = -Infinity;
    for (let x = 0; x < width; x++) {
      const value = logits[from + x];
      if (value > max) max = value;
      if (value > 0) codes[code + x] = c + 1;
    }
    maxima[maximum + c] = max;
  }
}
