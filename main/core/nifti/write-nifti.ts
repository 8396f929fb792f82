import type { Grid, Vec3, Voxels } from '../volume/volume.ts';
import { quaternionFromRotation } from './nifti-space.ts';
import type { NiftiSpace } from './nifti-space.ts';

const headerBytes = 352;

const codes = new Map<unknown, number>([
  [Uint8Array, 2],
  [Int16Array, 4],
  [Int32Array, 8],
  [Float32Array, 16],
  [Float64Array, 64],
  [Int8Array, 256],
  [Uint16Array, 512],
  [Uint32Array, 768],
]);

/**
 * A NIfTI-1 single file, little endian, as pieces to be written one after the other: the header, then the voxels
 * themselves (z, y, x becomes k, j, i; no copy). `space` is that of the NIfTI source of the result, so that
 * sform, qform and units come back bit for bit; without one they follow from `grid`. `description` is cut
 * after 79 Latin characters (descrip).
 */
export function writeNifti(
  voxels: Voxels,
  grid: Grid,
  description: string,
  space: NiftiSpace = spaceOf(grid),
): readonly [header: Uint8Array, voxels: Uint8Array] {
  const [nk, nj, ni] = grid.shapeZyx;
  const datatype = codes.get(voxels.constructor);
  if (datatype === undefined || [nk, nj, ni].some((n) => n > 32767)) {
    throw new RangeError(`no NIfTI-1 file holds ${nk} x ${nj} x ${ni} voxels of ${voxels.constructor.name}`);
  }
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  const int16 = (at: number, ...values: number[]) =>
    values.forEach((value, index) => view.setInt16(at + index * 2, value, true));
  const float32 = (at: number, values: readonly number[]) =>
    values.forEach((value, index) => view.setFloat32(at + index * 4, value, true));
  view.setInt32(0, 348, true);
  header[38] = 'r'.charCodeAt(0);
  int16(40, 3, ni, nj, nk, 1, 1, 1, 1);
  int16(70, datatype, voxels.BYTES_PER_ELEMENT * 8);
  float32(76, [...space.pixdim, 0, 0, 0, 0]);
  float32(108, [headerBytes, 1, 0]);
  header[123] = space.xyztUnits;
  writeText(header, 148, 79, description);
  int16(252, space.qformCode, space.sformCode);
  float32(256, space.quaternBcd);
  float32(268, space.qoffset);
  float32(280, space.srow);
  writeText(header, 344, 3, 'n+1');
  return [header, new Uint8Array(voxels.buffer as ArrayBuffer, voxels.byteOffset, voxels.byteLength)];
}

function writeText(header: Uint8Array, at: number, length: number, text: string): void {
  for (let index = 0; index < Math.min(length, text.length); index++)
    header[at + index] = text.charCodeAt(index);
}

/** LPS to RAS: sform and qform both "scanner" (code 1), millimetres. */
function spaceOf(grid: Grid): NiftiSpace {
  const ras = ([l, p, s]: Vec3): Vec3 => [-l, -p, s];
  const [dz, dy, dx] = grid.spacingZyxMm;
  const [k, j, i] = grid.directionsZyx.map(ras) as [Vec3, Vec3, Vec3];
  const origin = ras(grid.originLps);
  const cross = [i[1] * j[2] - i[2] * j[1], i[2] * j[0] - i[0] * j[2], i[0] * j[1] - i[1] * j[0]];
  // A quaternion cannot mirror: where i, j, k are left-handed, qfac says that k runs against their cross product.
  const qfac = cross[0]! * k[0] + cross[1]! * k[1] + cross[2]! * k[2] < 0 ? -1 : 1;
  const rows = [0, 1, 2] as const;
  return {
    qformCode: 1,
    sformCode: 1,
    pixdim: [qfac, dx, dy, dz],
    quaternBcd: quaternionFromRotation(rows.flatMap((row) => [i[row], j[row], k[row] * qfac])),
    qoffset: origin,
    srow: rows.flatMap((row) => [i[row] * dx, j[row] * dy, k[row] * dz, origin[row]]),
    xyztUnits: 2,
  };
}
