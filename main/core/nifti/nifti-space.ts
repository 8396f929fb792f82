/**
 * How a NIfTI file places its voxels, as stored: what has to be written back for a result to overlay its
 * source bit for bit (NIfTI-1, "3D image (volume) orientation and location in space").
 */
export interface NiftiSpace {
  readonly qformCode: number;
  readonly sformCode: number;
  /** pixdim[0..3]: qfac and the voxel sizes along i, j, k, in `xyztUnits`. */
  readonly pixdim: readonly [number, number, number, number];
  readonly quaternBcd: readonly [number, number, number];
  readonly qoffset: readonly [number, number, number];
  /** Rows x, y, z of the sform, each of four numbers. */
  readonly srow: readonly number[];
  readonly xyztUnits: number;
}

/** Four by four without its last row: 12 numbers, row by row, voxel (i, j, k, 1) to RAS. */
export type Affine = readonly number[];

/** The rotation of the unit quaternion (a, b, c, d) with a ≥ 0, row by row (nifti1.h, method 2). */
export function rotationFromQuaternion([b, c, d]: readonly [number, number, number]): number[] {
  const excess = 1 - (b * b + c * c + d * d);
  // Rounding may leave b² + c² + d² just above 1: a half turn.
  const norm = excess < 1e-7 ? 1 / Math.sqrt(b * b + c * c + d * d) : 1;
  const a = excess < 1e-7 ? 0 : Math.sqrt(excess);
  const [x, y, z] = [b * norm, c * norm, d * norm];
  return [
    a * a + x * x - y * y - z * z,
    2 * (x * y - a * z),
    2 * (x * z + a * y),
    2 * (x * y + a * z),
    a * a + y * y - x * x - z * z,
    2 * (y * z - a * x),
    2 * (x * z - a * y),
    2 * (y * z + a * x),
    a * a + z * z - x * x - y * y,
  ];
}

/** The quaternion (b, c, d), a ≥ 0, of a rotation given row by row (nifti_mat44_to_quatern). */
export function quaternionFromRotation(r: readonly number[]): [number, number, number] {
  const [r11, r12, r13, r21, r22, r23, r31, r32, r33] = r as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const trace = r11 + r22 + r33 + 1;
  if (trace > 0.5) {
    const a = 0.5 * Math.sqrt(trace);
    return [(0.25 * (r32 - r23)) / a, (0.25 * (r13 - r31)) / a, (0.25 * (r21 - r12)) / a];
  }
  const xd = 1 + r11 - (r22 + r33);
  const yd = 1 + r22 - (r11 + r33);
  const zd = 1 + r33 - (r11 + r22);
  let a: number;
  let bcd: [number, number, number];
  if (xd > 1) {
    const b = 0.5 * Math.sqrt(xd);
    bcd = [b, (0.25 * (r12 + r21)) / b, (0.25 * (r13 + r31)) / b];
    a = (0.25 * (r32 - r23)) / b;
  } else if (yd > 1) {
    const c = 0.5 * Math.sqrt(yd);
    bcd = [(0.25 * (r12 + r21)) / c, c, (0.25 * (r23 + r32)) / c];
    a = (0.25 * (r13 - r31)) / c;
  } else {
    const d = 0.5 * Math.sqrt(zd);
    bcd = [(0.25 * (r13 + r31)) / d, (0.25 * (r23 + r32)) / d, d];
    a = (0.25 * (r21 - r12)) / d;
  }
  return a < 0 ? [-bcd[0], -bcd[1], -bcd[2]] : bcd;
}
