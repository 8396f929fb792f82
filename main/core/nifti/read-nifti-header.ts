import type { Vec3 } from '../volume/volume.ts';
import { NiftiFormatError } from './nifti-format-error.ts';
import type { NiftiSpace } from './nifti-space.ts';

export type NiftiDatatype =
  'uint8' | 'int8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';

/** nifti1.h, DT_*: code to type and bytes a voxel. */
const datatypes: Readonly<Record<number, { readonly type: NiftiDatatype; readonly bytes: number }>> = {
  2: { type: 'uint8', bytes: 1 },
  4: { type: 'int16', bytes: 2 },
  8: { type: 'int32', bytes: 4 },
  16: { type: 'float32', bytes: 4 },
  64: { type: 'float64', bytes: 8 },
  256: { type: 'int8', bytes: 1 },
  512: { type: 'uint16', bytes: 2 },
  768: { type: 'uint32', bytes: 4 },
  1024: { type: 'int64', bytes: 8 },
  1280: { type: 'uint64', bytes: 8 },
};

export interface NiftiHeader {
  readonly littleEndian: boolean;
  readonly datatype: NiftiDatatype;
  readonly bytesPerVoxel: number;
  /** k, j, i. */
  readonly shapeZyx: Vec3;
  readonly voxelOffset: number;
  /** Bytes from the start of the (uncompressed) file to the end of its voxels. */
  readonly sizeBytes: number;
  /** Value = slope · stored + intercept; 1 and 0 where the file asks for no scaling. */
  readonly slope: number;
  readonly intercept: number;
  readonly space: NiftiSpace;
}

/** Where the two versions keep the same facts; `wide` fields are 64 bits (nifti2.h). */
const layouts = {
  1: {
    dim: 40,
    datatype: 70,
    bitpix: 72,
    pixdim: 76,
    voxOffset: 108,
    slope: 112,
    intercept: 116,
    units: 123,
    qformCode: 252,
    sformCode: 254,
    quatern: 256,
    qoffset: 268,
    srow: 280,
    wide: false,
    size: 348,
  },
  2: {
    dim: 16,
    datatype: 12,
    bitpix: 14,
    pixdim: 104,
    voxOffset: 168,
    slope: 176,
    intercept: 184,
    units: 500,
    qformCode: 344,
    sformCode: 348,
    quatern: 352,
    qoffset: 376,
    srow: 400,
    wide: true,
    size: 540,
  },
} as const;

/** Enough of a file's start for `readNiftiHeader` whatever its version. */
export const niftiHeaderBytes = 544;

/**
 * Reads the header of a single-file NIfTI-1 or NIfTI-2 image (nifti1.h, nifti2.h) from the file's first
 * bytes, uncompressed. Says how large the file has to be, so that a caller can refuse before inflating.
 * Throws NiftiFormatError.
 */
export function readNiftiHeader(bytes: Uint8Array): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { version, littleEndian } = recognise(bytes, view);
  const at = layouts[version];
  const int = (offset: number) => view.getInt16(offset, littleEndian);
  const code = (offset: number) => (at.wide ? view.getInt32(offset, littleEndian) : int(offset));
  const size = at.wide ? 8 : 4;
  const real = (offset: number) =>
    at.wide ? view.getFloat64(offset, littleEndian) : view.getFloat32(offset, littleEndian);
  const reals = (offset: number, count: number) =>
    Array.from({ length: count }, (_, index) => real(offset + index * size));

  const dims = Array.from({ length: 8 }, (_, index) =>
    at.wide ? Number(view.getBigInt64(at.dim + index * 8, littleEndian)) : int(at.dim + index * 2),
  );
  const shapeZyx = checkDims(dims);
  const datatype = datatypes[int(at.datatype)];
  if (!datatype)
    throw new NiftiFormatError(`NIfTI data type ${int(at.datatype)} is not a plain number per voxel`);
  const voxelOffset = at.wide ? Number(view.getBigInt64(at.voxOffset, littleEndian)) : real(at.voxOffset);
  if (!Number.isSafeInteger(voxelOffset) || voxelOffset < at.size + 4) {
    throw new NiftiFormatError(`the voxels cannot start at byte ${voxelOffset} (vox_offset)`);
  }
  const slope = real(at.slope);
  const intercept = real(at.intercept);
  // "If the scl_slope field is nonzero, then each voxel value in the dataset should be scaled" (nifti1.h).
  const scaled = Number.isFinite(slope) && slope !== 0;
  if (scaled && !Number.isFinite(intercept)) throw new NiftiFormatError('scl_inter is not a number');
  const [qfac, di, dj, dk] = reals(at.pixdim, 4) as [number, number, number, number];
  return {
    littleEndian,
    datatype: datatype.type,
    bytesPerVoxel: datatype.bytes,
    shapeZyx,
    voxelOffset,
    sizeBytes: voxelOffset + shapeZyx[0] * shapeZyx[1] * shapeZyx[2] * datatype.bytes,
    slope: scaled ? slope : 1,
    intercept: scaled ? intercept : 0,
    space: {
      qformCode: code(at.qformCode),
      sformCode: code(at.sformCode),
      pixdim: [qfac, di, dj, dk],
      quaternBcd: reals(at.quatern, 3) as [number, number, number],
      qoffset: reals(at.qoffset, 3) as [number, number, number],
      srow: reals(at.srow, 12),
      xyztUnits: at.wide ? view.getInt32(at.units, littleEndian) : view.getUint8(at.units),
    },
  };
}

function recognise(bytes: Uint8Array, view: DataView): { version: 1 | 2; littleEndian: boolean } {
  if (bytes.length < 4) throw new NiftiFormatError('too short for a NIfTI file');
  for (const littleEndian of [true, false]) {
    const sizeofHdr = view.getInt32(0, littleEndian);
    if (sizeofHdr !== 348 && sizeofHdr !== 540) continue;
    if (bytes.length < sizeofHdr) throw new NiftiFormatError('the file ends inside its NIfTI header');
    const magic = sizeofHdr === 348 ? text(bytes, 344, 3) : text(bytes, 4, 3);
    if (magic === 'n+1' && sizeofHdr === 348) return { version: 1, littleEndian };
    if (magic === 'n+2' && sizeofHdr === 540) return { version: 2, littleEndian };
    if (magic === 'ni1' || magic === 'ni2') {
      throw new NiftiFormatError('a header of a .hdr/.img pair; only single .nii files are read');
    }
    throw new NiftiFormatError('not a NIfTI file (ANALYZE 7.5 without orientation, or another format)');
  }
  throw new NiftiFormatError('not a NIfTI file');
}

function text(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

function checkDims(dims: readonly number[]): Vec3 {
  const [rank, i, j, k, ...more] = dims as [number, number, number, number, ...number[]];
  if (rank < 3 || rank > 7) throw new NiftiFormatError(`has ${rank} dimensions; a volume has 3`);
  if (![i, j, k].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new NiftiFormatError(`impossible dimensions ${i} x ${j} x ${k}`);
  }
  const volumes = more.slice(0, rank - 3).reduce((product, n) => product * Math.max(1, n), 1);
  if (volumes > 1) throw new NiftiFormatError(`holds ${volumes} volumes; one is expected`);
  if (i * j * k > Number.MAX_SAFE_INTEGER / 8)
    throw new NiftiFormatError(`impossible dimensions ${i} x ${j} x ${k}`);
  return [k, j, i];
}
