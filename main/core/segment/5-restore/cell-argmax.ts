import type { CornerColumns } from './corner-columns.ts';
import type { CellRow, RestoreSlab } from './restore-slab.ts';

/**
 * Decides one cell along axis 2 among the classes at the places candidates[0] … candidates[count - 1] of the columns,
 * ascending; `rival` is one of them. `l` and `u` are where the columns below and above begin.
 */
export type CellArgmax = (
  row: CellRow,
  cell: number,
  l: number,
  u: number,
  candidates: Uint8Array,
  count: number,
  rival: number,
) => void;

/**
 * A class that is below this at every end of an interval cannot reach one that has `value` there: interpolating in
 * double precision moves a value by a few units in its last place at most.
 */
function threshold(value: number): number {
  return value - Math.abs(value) * 1e-14;
}

/**
 * Interpolates along z, then y, then x, and after each step drops the classes that cannot win in what is left of the
 * cell (first a rectangle, then a row of outputs): few come to the last step, which is the most work. The rival to
 * beat is the winner at the output before, which is likely to be close to the best.
 */
export function createCellArgmax(
  slab: RestoreSlab,
  { classes: classOfPlace, logits: corners }: CornerColumns,
  labelOfCode: Uint8Array,
): CellArgmax {
  const { classes, maps, labels, outputPlanes } = slab;
  const [map0, map1, map2] = maps;
  const weights0 = map0.upperWeight;
  const weights1 = map1.upperWeight;
  // With three to spare: outputs are decided four at a time, also the last ones.
  const weights2 = new Float64Array(map2.outSize + 3);
  weights2.set(map2.upperWeight);
  const width = map2.outSize;
  // The classes still in question (places in the columns), ascending, in the rectangle and in the row, with one entry
  // to spare; for each its four edges after z, its two ends after y.
  const inPlane = new Uint8Array(classes + 1);
  const edges = new Float64Array(4 * (classes + 1));
  const inRow = new Uint8Array(classes + 1);
  const ends = new Float64Array(2 * (classes + 1));
  const winners = new Uint8Array(4);

  /** Fills `inPlane` and `edges` with the classes that can win somewhere in output plane z; returns how many. */
  function interpolateAlongZ(
    z: number,
    l: number,
    u: number,
    candidates: Uint8Array,
    count: number,
    rival: number,
  ): number {
    const wz = weights0[z];
    const vz = 1 - wz;
    const rl = l + 4 * rival;
    const ru = u + 4 * rival;
    const enoughL0 = threshold(corners[rl] * vz + corners[rl + 2] * wz);
    const enoughL1 = threshold(corners[rl + 1] * vz + corners[rl + 3] * wz);
    const enoughU0 = threshold(corners[ru] * vz + corners[ru + 2] * wz);
    const enoughU1 = threshold(corners[ru + 1] * vz + corners[ru + 3] * wz);
    let left = 0;
    for (let n = 0; n < count; n++) {
      const place = candidates[n];
      const a = l + 4 * place;
      const b = u + 4 * place;
      const l0 = corners[a] * vz + corners[a + 2] * wz;
      const l1 = corners[a + 1] * vz + corners[a + 3] * wz;
      const u0 = corners[b] * vz + corners[b + 2] * wz;
      const u1 = corners[b + 1] * vz + corners[b + 3] * wz;
      inPlane[left] = place;
      edges[4 * left] = l0;
      edges[4 * left + 1] = l1;
      edges[4 * left + 2] = u0;
      edges[4 * left + 3] = u1;
      // No branches: they would be taken at random.
      left +=
        Number(l0 >= enoughL0) | Number(l1 >= enoughL1) | Number(u0 >= enoughU0) | Number(u1 >= enoughU1);
    }
    return left;
  }

  /** The same for `inRow` and `ends` of output row y, from the `count` classes of the plane; `rival` is one of those. */
  function interpolateAlongY(y: number, count: number, rival: number): number {
    const wy = weights1[y];
    const vy = 1 - wy;
    const r = 4 * rival;
    const enoughL = threshold(edges[r] * vy + edges[r + 1] * wy);
    const enoughU = threshold(edges[r + 2] * vy + edges[r + 3] * wy);
    let left = 0;
    for (let n = 0, at = 0; n < count; n++, at += 4) {
      const l = edges[at] * vy + edges[at + 1] * wy;
      const u = edges[at + 2] * vy + edges[at + 3] * wy;
      inRow[left] = n;
      ends[2 * left] = l;
      ends[2 * left + 1] = u;
      left += Number(l >= enoughL) | Number(u >= enoughU);
    }
    return left;
  }

  /**
   * Fills `winners` with which of the `count` classes of the row are best at output x and the three after it, the lowest
   * of equals. Four at a time, so that the ends are read once for all of them.
   */
  function decideFour(x: number, count: number): void {
    const w0 = weights2[x];
    const w1 = weights2[x + 1];
    const w2 = weights2[x + 2];
    const w3 = weights2[x + 3];
    const v0 = 1 - w0;
    const v1 = 1 - w1;
    const v2 = 1 - w2;
    const v3 = 1 - w3;
    let best0 = -Infinity;
    let best1 = -Infinity;
    let best2 = -Infinity;
    let best3 = -Infinity;
    let winner0 = 0;
    let winner1 = 0;
    let winner2 = 0;
    let winner3 = 0;
    for (let n = 0; n < count; n++) {
      const l = ends[2 * n];
      const u = ends[2 * n + 1];
      const value0 = l * v0 + u * w0;
      const value1 = l * v1 + u * w1;
      const value2 = l * v2 + u * w2;
      const value3 = l * v3 + u * w3;
      if (value0 > best0) {
        best0 = value0;
        winner0 = n;
      }
      if (value1 > best1) {
        best1 = value1;
        winner1 = n;
      }
      if (value2 > best2) {
        best2 = value2;
        winner2 = n;
      }
      if (value3 > best3) {
        best3 = value3;
        winner3 = n;
      }
    }
    winners[0] = winner0;
    winners[1] = winner1;
    winners[2] = winner2;
    winners[3] = winner3;
  }

  return (row, cell, l, u, candidates, count, firstRival) => {
    let rival = firstRival;
    const x0 = map2.firstOutput[cell];
    const x1 = map2.firstOutput[cell + 1];
    const middleX = (x0 + x1) >> 1;
    const middleY = (row.y0 + row.y1) >> 1;
    for (let z = row.z0; z < row.z1; z++) {
      const planeCount = interpolateAlongZ(z, l, u, candidates, count, rival);
      let planeRival = 0;
      while (inPlane[planeRival] < rival) planeRival++;
      for (let y = row.y0; y < row.y1; y++) {
        const at = ((z - outputPlanes[0]) * map1.outSize + y) * width;
        const rowCount = interpolateAlongY(y, planeCount, planeRival);
        for (let x = x0; x < x1; x += winners.length) {
          decideFour(x, rowCount);
          const end = Math.min(winners.length, x1 - x);
          for (let i = 0; i < end; i++) {
            const winner = inRow[winners[i]];
            labels[at + x + i] = labelOfCode[classOfPlace[inPlane[winner]]];
            if (x + i <= middleX) planeRival = winner;
          }
        }
        if (y <= middleY) rival = inPlane[planeRival];
      }
    }
  };
}
