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
  // The classes still in question, ascending (`candidates` of the cell, then of the rectangle, then of the row), and
  // for each its eight corners, its four edges after z, its two ends after y.
  const corners = new Float64Array(8 * classes);
  const inPlane = new Uint8Array(classes);
  const edges = new Float64Array(4 * classes);
  const inRow = new Uint8Array(classes);
  const ends = new Float64Array(2 * classes);

  /** Fills `corners`; returns which class is the best in the middle of the cell. */
  function readCorners(
    { rows }: CellRow,
    cell: number,
    candidates: Uint8Array,
    from: number,
    count: number,
  ): number {
    const [r00, r01, r10, r11] = rows;
    let best = 0;
    let highest = -Infinity;
    for (let n = 0, at = 0; n < count; n++, at += 8) {
      const offset = candidates[from + n] * classStride;
      const l = map2.lower[cell] + offset;
      const u = map2.upper[cell] + offset;
      const l0 = (corners[at] = logits[r00 + l]);
      const l1 = (corners[at + 1] = logits[r01 + l]);
      const u0 = (corners[at + 2] = logits[r00 + u]);
      const u1 = (corners[at + 3] = logits[r01 + u]);
      const l2 = (corners[at + 4] = logits[r10 + l]);
      const l3 = (corners[at + 5] = logits[r11 + l]);
      const u2 = (corners[at + 6] = logits[r10 + u]);
      const u3 = (corners[at + 7] = logits[r11 + u]);
      const sum = l0 + l1 + u0 + u1 + (l2 + l3 + u2 + u3);
      if (sum > highest) {
        highest = sum;
        best = n;
      }
    }
    return best;
  }

  /**
   * Fills `inPlane` and `edges` with the classes that can win somewhere in the cell's part of output plane z; returns
   * how many. `rival` is the one to beat: the closer to the winner, the fewer remain.
   */
  function interpolateAlongZ(z: number, count: number, rival: number): number {
    const wz = weights0[z];
    const vz = 1 - wz;
    const r = 8 * rival;
    const enough = threshold(
      Math.min(
        corners[r] * vz + corners[r + 4] * wz,
        corners[r + 1] * vz + corners[r + 5] * wz,
        corners[r + 2] * vz + corners[r + 6] * wz,
        corners[r + 3] * vz + corners[r + 7] * wz,
      ),
    );
    let left = 0;
    for (let n = 0, at = 0; n < count; n++, at += 8) {
      const l0 = corners[at] * vz + corners[at + 4] * wz;
      const l1 = corners[at + 1] * vz + corners[at + 5] * wz;
      const u0 = corners[at + 2] * vz + corners[at + 6] * wz;
      const u1 = corners[at + 3] * vz + corners[at + 7] * wz;
      inPlane[left] = n;
      edges[4 * left] = l0;
      edges[4 * left + 1] = l1;
      edges[4 * left + 2] = u0;
      edges[4 * left + 3] = u1;
      // No branches: they would be taken at random.
      left += Number(l0 >= enough) | Number(l1 >= enough) | Number(u0 >= enough) | Number(u1 >= enough);
    }
    return left;
  }

  /** The same for `inRow` and `ends` of output row y, from the `count` classes of the plane. */
  function interpolateAlongY(y: number, count: number, rival: number): number {
    const wy = weights1[y];
    const vy = 1 - wy;
    const r = 4 * rival;
    const enough = threshold(
      Math.min(edges[r] * vy + edges[r + 1] * wy, edges[r + 2] * vy + edges[r + 3] * wy),
    );
    let left = 0;
    for (let n = 0, at = 0; n < count; n++, at += 4) {
      const l = edges[at] * vy + edges[at + 1] * wy;
      const u = edges[at + 2] * vy + edges[at + 3] * wy;
      inRow[left] = n;
      ends[2 * left] = l;
      ends[2 * left + 1] = u;
      left += Number(l >= enough) | Number(u >= enough);
    }
    return left;
  }

  /** Which of the `count` classes of the row is best at output x. */
  function winnerAt(x: number, count: number): number {
    const wx = weights2[x];
    const vx = 1 - wx;
    let winner = 0;
    let best = ends[0] * vx + ends[1] * wx;
    for (let n = 1; n < count; n++) {
      const value = ends[2 * n] * vx + ends[2 * n + 1] * wx;
      if (value > best) {
        best = value;
        winner = n;
      }
    }
    return winner;
  }

  return (row, cell, candidates, from, count) => {
    // The winner at one place is a good rival for what lies next to it.
    let rival = readCorners(row, cell, candidates, from, count);
    const x0 = map2.firstOutput[cell];
    const x1 = map2.firstOutput[cell + 1];
    for (let z = row.z0; z < row.z1; z++) {
      const planeCount = interpolateAlongZ(z, count, rival);
      let planeRival = 0;
      while (planeRival < planeCount - 1 && inPlane[planeRival] < rival) planeRival++;
      for (let y = row.y0; y < row.y1; y++) {
        const at = ((z - outputPlanes[0]) * map1.outSize + y) * width;
        const rowCount = interpolateAlongY(y, planeCount, planeRival);
        for (let x = x0; x < x1; x++) {
          planeRival = inRow[winnerAt(x, rowCount)];
          labels[at + x] = labelOfCode[candidates[from + inPlane[planeRival]]];
        }
      }
      rival = inPlane[planeRival];
    }
  };
}
