import type { AxisMaps } from './restore-target.ts';
import type { CellRow } from './restore-slab.ts';

/**
 * Interpolates one class in one cell for the output plane z: [y1 - y0, x outputs of the cell] into `into`.
 * Always z first, then y, then x, in double precision from float32 corners: with a fixed order each step is monotone
 * in both its inputs, on which the shortcuts of `restoreRows` rest.
 *
 * @param offset of the class within a row's class 0
 */
export function interpolateCell(
  logits: Float32Array,
  maps: AxisMaps,
  row: CellRow,
  offset: number,
  cell: number,
  z: number,
  into: Float64Array,
): void {
  const [map0, map1, map2] = maps;
  const l = map2.lower[cell] + offset;
  const u = map2.upper[cell] + offset;
  const [r00, r01, r10, r11] = row.rows;
  const wz = map0.upperWeight[z];
  const vz = 1 - wz;
  const l0 = logits[r00 + l] * vz + logits[r10 + l] * wz;
  const l1 = logits[r01 + l] * vz + logits[r11 + l] * wz;
  const u0 = logits[r00 + u] * vz + logits[r10 + u] * wz;
  const u1 = logits[r01 + u] * vz + logits[r11 + u] * wz;
  const weights1 = map1.upperWeight;
  const weights2 = map2.upperWeight;
  const x0 = map2.firstOutput[cell];
  const x1 = map2.firstOutput[cell + 1];
  let at = 0;
  for (let y = row.y0; y < row.y1; y++) {
    const wy = weights1[y];
    const left = l0 * (1 - wy) + l1 * wy;
    const right = u0 * (1 - wy) + u1 * wy;
    for (let x = x0; x < x1; x++) into[at++] = left * (1 - weights2[x]) + right * weights2[x];
  }
}
