import type { CellRow, RestoreSlab } from './restore-slab.ts';

/** Decides one cell along axis 2 among the classes candidates[from] … candidates[from + count - 1], ascending. */
export type CellArgmax = (
  row: CellRow,
  cell: number,
  candidates: Uint8Array,
  from: number,
  count: number,
) => void;

/**
 * A class that is below this cannot reach one that is nowhere below `bound`: interpolating in double precision moves
 * a value by a few units in its last place at most.
 */
function threshold(bound: number): number {
  return bound - Math.abs(bound) * 1e-14;
}

/**
 * Interpolates along z, then y, then x, and after each step drops the classes that cannot win in what is left of the
 * cell (first a rectangle, then a row of outputs): few come to the last step, which is the most work.
 */
export function createCellArgmax(slab: RestoreSlab, labelOfCode: Uint8Array): CellArgmax {
  const { logits, classes, shape, maps, labels, outputPlanes } = slab;
  const [map0, map1, map2] = maps;
  const classStride = shape[1] * shape[2];
  const weights0 = map0.upperWeight;
  const weights1 = map1.upperWeight;
  const weights2 = map2.upperWeight;
  const width = map2.outSize;
  // Per candidate: its corners; after z its four edges; after y its two ends.
  const corners = new Float64Array(8 * classes);
  const edges = new Float64Array(4 * classes);
  const ends = new Float64Array(2 * classes);
  const inPlane = new Uint8Array(classes);
  const inRow = new Uint8Array(classes);

  function readCorners(
    row: CellRow,
    cell: number,
    candidates: Uint8Array,
    from: number,
    count: number,
  ): void {
    const [r00, r01, r10, r11] = row.rows;
    for (let n = 0, at = 0; n < count; n++, at += 8) {
      const offset = candidates[from + n] * classStride;
      const l = map2.lower[cell] + offset;
      const u = map2.upper[cell] + offset;
      corners[at] = logits[r00 + l];
      corners[at + 1] = logits[r01 + l];
      corners[at + 2] = logits[r00 + u];
      corners[at + 3] = logits[r01 + u];
      corners[at + 4] = logits[r10 + l];
      corners[at + 5] = logits[r11 + l];
      corners[at + 6] = logits[r10 + u];
      corners[at + 7] = logits[r11 + u];
    }
  }

  /** Edges of all candidates at output plane z; returns how many, listed in `inPlane`, can win in it. */
  function interpolateAlongZ(z: number, count: number): number {
    const wz = weights0[z];
    const vz = 1 - wz;
    let rival = 0;
    let highest = -Infinity;
    for (let n = 0; n < count; n++) {
      const at = 8 * n;
      const l0 = corners[at] * vz + corners[at + 4] * wz;
      const l1 = corners[at + 1] * vz + corners[at + 5] * wz;
      const u0 = corners[at + 2] * vz + corners[at + 6] * wz;
      const u1 = corners[at + 3] * vz + corners[at + 7] * wz;
      edges[4 * n] = l0;
      edges[4 * n + 1] = l1;
      edges[4 * n + 2] = u0;
      edges[4 * n + 3] = u1;
      const middle = l0 + l1 + (u0 + u1);
      if (middle > highest) {
        highest = middle;
        rival = 4 * n;
      }
    }
    const least = Math.min(edges[rival], edges[rival + 1], edges[rival + 2], edges[rival + 3]);
    const enough = threshold(least);
    let left = 0;
    for (let n = 0; n < count; n++) {
      inPlane[left] = n;
      // No branches: they would be taken at random.
      left +=
        Number(edges[4 * n] >= enough) |
        Number(edges[4 * n + 1] >= enough) |
        Number(edges[4 * n + 2] >= enough) |
        Number(edges[4 * n + 3] >= enough);
    }
    return left;
  }

  /** Ends of the classes of `inPlane` in output row y; returns how many, listed in `inRow`, can win in it. */
  function interpolateAlongY(y: number, count: number): number {
    const wy = weights1[y];
    const vy = 1 - wy;
    let rival = 0;
    let highest = -Infinity;
    for (let m = 0; m < count; m++) {
      const n = inPlane[m];
      const l = edges[4 * n] * vy + edges[4 * n + 1] * wy;
      const u = edges[4 * n + 2] * vy + edges[4 * n + 3] * wy;
      ends[2 * n] = l;
      ends[2 * n + 1] = u;
      if (l + u > highest) {
        highest = l + u;
        rival = 2 * n;
      }
    }
    const enough = threshold(Math.min(ends[rival], ends[rival + 1]));
    let left = 0;
    for (let m = 0; m < count; m++) {
      const n = inPlane[m];
      inRow[left] = n;
      left += Number(ends[2 * n] >= enough) | Number(ends[2 * n + 1] >= enough);
    }
    return left;
  }

  /** The best class of `inRow` at output x. */
  function winnerAt(x: number, count: number): number {
    const wx = weights2[x];
    const vx = 1 - wx;
    let winner = inRow[0];
    let best = ends[2 * winner] * vx + ends[2 * winner + 1] * wx;
    for (let m = 1; m < count; m++) {
      const n = inRow[m];
      const value = ends[2 * n] * vx + ends[2 * n + 1] * wx;
      if (value > best) {
        best = value;
        winner = n;
      }
    }
    return winner;
  }

  return (row, cell, candidates, from, count) => {
    readCorners(row, cell, candidates, from, count);
    const x0 = map2.firstOutput[cell];
    const x1 = map2.firstOutput[cell + 1];
    for (let z = row.z0; z < row.z1; z++) {
      const planeCount = interpolateAlongZ(z, count);
      for (let y = row.y0; y < row.y1; y++) {
        const at = ((z - outputPlanes[0]) * map1.outSize + y) * width;
        const rowCount = interpolateAlongY(y, planeCount);
        for (let x = x0; x < x1; x++) labels[at + x] = labelOfCode[candidates[from + winnerAt(x, rowCount)]];
      }
    }
  };
}
