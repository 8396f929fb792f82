import { voxelCount } from '../volume/volume.ts';
import type { Grid, Vec3, Volume, Voxels } from '../volume/volume.ts';
import { NiftiFormatError } from './nifti-format-error.ts';
import { rotationFromQuaternion } from './nifti-space.ts';
import type { Affine, NiftiSpace } from './nifti-space.ts';
import { readNiftiHeader } from './read-nifti-header.ts';
import type { NiftiHeader } from './read-nifti-header.ts';

/** Largest cosine between two axes that is still taken for rounding: half a voxel over 500. */
const orthogonalityTolerance = 1e-3;

/**
 * Reads a single-file NIfTI-1 or NIfTI-2 image, uncompressed. The array is k, j, i (i fastest, as stored) and
 * RAS becomes LPS here and nowhere else. Voxels are a view of `bytes` where byte order and alignment
 * allow; values are scaled by scl_slope and scl_inter (then float). Throws NiftiFormatError, also for a sheared
 * affine, several volumes, and sizes that the file does not hold.
 */
export function readNifti(bytes: Uint8Array): { readonly volume: Volume; readonly header: NiftiHeader } {
  const header = readNiftiHeader(bytes);
  if (header.sizeBytes > bytes.length) {
    throw new NiftiFormatError(`cut off: needs ${header.sizeBytes} bytes and has ${bytes.length}`);
  }
  const grid = gridOf(header);
  return { volume: { voxels: scale(storedVoxels(bytes, header), header), grid }, header };
}

/** The grid of a NIfTI header, LPS: sform over qform over voxel sizes alone. Throws NiftiFormatError. */
export function gridOf(header: NiftiHeader): Grid {
  const affine = affineOf(header.space, header.shapeZyx);
  const unit = unitMm(header.space.xyztUnits);
  const column = (index: number): Vec3 => [
    // x and y change sign between RAS and LPS.
    -affine[index]! * unit,
    -affine[4 + index]! * unit,
    affine[8 + index]! * unit,
  ];
  const axes = [column(2), column(1), column(0)];
  const spacing = axes.map((axis) => Math.hypot(...axis));
  if (!spacing.every((mm) => Number.isFinite(mm) && mm > 1e-6)) {
    throw new NiftiFormatError('the affine has an axis without length, or one that is not a number');
  }
  const originLps = column(3);
  if (!originLps.every(Number.isFinite))
    throw new NiftiFormatError('the affine has an origin that is not a number');
  const directions = axes.map((axis, index): Vec3 => {
    const mm = spacing[index]!;
    return [axis[0] / mm, axis[1] / mm, axis[2] / mm];
  }) as [Vec3, Vec3, Vec3];
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const cosine = dot(directions[a], directions[b]);
    if (Math.abs(cosine) > orthogonalityTolerance) {
      const degrees = ((Math.asin(Math.min(1, Math.abs(cosine))) * 180) / Math.PI).toFixed(2);
      throw new NiftiFormatError(`the affine is sheared by ${degrees} degrees; resample the image first`);
    }
  }
  return {
    shapeZyx: header.shapeZyx,
    spacingZyxMm: [spacing[0]!, spacing[1]!, spacing[2]!],
    originLps,
    directionsZyx: directions,
  };
}

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Voxel (i, j, k) to RAS, in the file's units (nifti1.h, methods 3, 2 and 1). */
function affineOf(space: NiftiSpace, shapeZyx: Vec3): Affine {
  const [qfac, di, dj, dk] = space.pixdim;
  if (space.sformCode > 0) return space.srow;
  if (space.qformCode > 0) {
    const r = rotationFromQuaternion(space.quaternBcd);
    const flip = qfac < 0 ? -1 : 1;
    return [0, 3, 6].flatMap((row, axis) => [
      r[row]! * di,
      r[row + 1]! * dj,
      r[row + 2]! * dk * flip,
      space.qoffset[axis]!,
    ]);
  }
  // Without either, the file does not say where left is; nibabel and SPM take i to grow to the left, centred.
  const [nk, nj, ni] = shapeZyx;
  return [-di, 0, 0, (di * (ni - 1)) / 2, 0, dj, 0, (-dj * (nj - 1)) / 2, 0, 0, dk, (-dk * (nk - 1)) / 2];
}

/** Millimetres in the file's unit of length: metre, millimetre, micrometre; unknown is taken for millimetres. */
function unitMm(xyztUnits: number): number {
  const code = xyztUnits & 7;
  if (code === 1) return 1000;
  if (code === 3) return 0.001;
  return 1;
}

const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

function storedVoxels(bytes: Uint8Array, header: NiftiHeader): Voxels {
  const count = voxelCount(header.shapeZyx);
  const { datatype, bytesPerVoxel } = header;
  const start = bytes.byteOffset + header.voxelOffset;
  if (datatype === 'int64' || datatype === 'uint64') return wideIntegers(bytes, header, count);
  const ArrayType = arrays[datatype];
  if (bytesPerVoxel === 1) return new ArrayType(bytes.buffer as ArrayBuffer, start, count);
  if (header.littleEndian && start % bytesPerVoxel === 0) {
    return new ArrayType(bytes.buffer as ArrayBuffer, start, count);
  }
  const raw = bytes.slice(header.voxelOffset, header.voxelOffset + count * bytesPerVoxel);
  if (!header.littleEndian) swapBytes(raw, bytesPerVoxel);
  return new ArrayType(raw.buffer as ArrayBuffer, 0, count);
}

/** 64-bit integers as float64: exact up to 2⁵³, far beyond any intensity. */
function wideIntegers(bytes: Uint8Array, header: NiftiHeader, count: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.voxelOffset, count * 8);
  const signed = header.datatype === 'int64';
  const { littleEndian } = header;
  const lowAt = littleEndian ? 0 : 4;
  const highAt = 4 - lowAt;
  const values = new Float64Array(count);
  for (let index = 0, at = 0; index < count; index++, at += 8) {
    const low = view.getUint32(at + lowAt, littleEndian);
    const high = signed
      ? view.getInt32(at + highAt, littleEndian)
      : view.getUint32(at + highAt, littleEndian);
    values[index] = high * 4294967296 + low;
  }
  return values;
}

function swapBytes(raw: Uint8Array, width: number): void {
  const half = width >> 1;
  for (let start = 0; start < raw.length; start += width) {
    for (let offset = 0; offset < half; offset++) {
      const mirrored = start + width - 1 - offset;
      const kept = raw[start + offset]!;
      raw[start + offset] = raw[mirrored]!;
      raw[mirrored] = kept;
    }
  }
}

/** float32 holds every 8- and 16-bit value exactly; wider ones are scaled in float64. */
function scale(stored: Voxels, { slope, intercept, bytesPerVoxel, datatype }: NiftiHeader): Voxels {
  if (slope === 1 && intercept === 0) return stored;
  const narrow = bytesPerVoxel <= 2 || datatype === 'float32';
  const values = narrow ? new Float32Array(stored.length) : new Float64Array(stored.length);
  for (let index = 0; index < stored.length; index++) values[index] = stored[index]! * slope + intercept;
  return values;
}
