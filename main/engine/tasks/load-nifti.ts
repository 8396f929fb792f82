import { constants } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import type { Result } from '../../contract/app-error.ts';
import { NiftiFormatError } from '../../core/nifti/nifti-format-error.ts';
import { readNifti } from '../../core/nifti/read-nifti.ts';
import type { Volume, Voxels } from '../../core/volume/volume.ts';
import { withInputFile } from '../decode/read-input-file.ts';
import { createStore, voxelsOf } from '../decode/voxel-store.ts';
import type { VoxelKind } from '../decode/voxel-store.ts';

export interface LoadNiftiTask {
  readonly path: string;
  /** A gzip file that inflates past this is refused. */
  readonly maxBytes: number;
}

/** Reads a NIfTI file, gzip or not, as a volume of shared Int16, Uint16 or Float32 voxels (z, y, x; LPS). */
export function loadNifti({ path, maxBytes }: LoadNiftiTask): Promise<Result<Volume>> {
  return withInputFile(path, (bytes) => {
    const { volume } = readNifti(
      isGzip(bytes) ? gunzip(bytes, Math.min(maxBytes, constants.MAX_LENGTH)) : bytes,
    );
    return { voxels: toShared(volume.voxels), grid: volume.grid };
  });
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new NiftiFormatError(`inflates past ${maxOutputLength} bytes`);
    if (code === 'Z_BUF_ERROR') throw new NiftiFormatError('the gzip data are cut short');
    throw new NiftiFormatError(`the gzip data are damaged (${(error as Error).message})`);
  }
}

function toShared(voxels: Voxels): Voxels {
  const store = createStore(kindFor(voxels), voxels.length);
  const shared = voxelsOf(store);
  shared.set(voxels);
  return shared;
}

/** The smallest kind that holds every value: wide integers (TotalSegmentator writes CT as int32) mostly fit 16 bits. */
function kindFor(voxels: Voxels): VoxelKind {
  if (voxels instanceof Int8Array || voxels instanceof Uint8Array || voxels instanceof Int16Array)
    return 'int16';
  if (voxels instanceof Uint16Array) return 'uint16';
  if (voxels instanceof Float32Array || voxels instanceof Float64Array) return 'float32';
  let low = 0;
  let high = 0;
  for (let index = 0; index < voxels.length; index++) {
    const value = voxels[index]!;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return low >= -32768 && high <= 32767 ? 'int16' : 'float32';
}
