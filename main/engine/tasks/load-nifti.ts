import { constants, createGunzip, gunzipSync } from 'node:zlib';
import type { Result } from '../../contract/app-error.ts';
import { NiftiFormatError } from '../../core/nifti/nifti-format-error.ts';
import { readNifti } from '../../core/nifti/read-nifti.ts';
import { readNiftiHeader } from '../../core/nifti/read-nifti-header.ts';
import type { NiftiHeader } from '../../core/nifti/read-nifti-header.ts';
import { voxelCount } from '../../core/volume/volume.ts';
import type { Volume, Voxels } from '../../core/volume/volume.ts';
import { withInputFile } from '../decode/read-input-file.ts';
import { createStore, voxelsOf } from '../decode/voxel-store.ts';
import type { VoxelType } from '../../contract/voxel-type.ts';
import type { StoreVoxels } from '../decode/voxel-store.ts';

export interface LoadNiftiTask {
  readonly path: string;
  /** A file whose voxels need more memory than this is refused before any of it is allocated. */
  readonly maxBytes: number;
}

/** Reads a NIfTI file, gzip or not, as a volume of shared Int16, Uint16 or Float32 voxels (z, y, x; LPS). */
export function loadNifti({ path, maxBytes }: LoadNiftiTask): Promise<Result<Volume>> {
  return withInputFile(path, async (file) => {
    const zipped = isGzip(file);
    const header = readNiftiHeader(zipped ? inflateHead(file) : file);
    checkSize(header, maxBytes);
    const { volume } = readNifti(zipped ? await inflateWhole(file, header.sizeBytes) : file);
    return { voxels: toShared(volume.voxels), grid: volume.grid };
  });
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What is read, what scaling makes of it, and what is shared are in memory at one time. */
function checkSize({ sizeBytes, shapeZyx, bytesPerVoxel, slope, intercept }: NiftiHeader, maxBytes: number) {
  const narrow = bytesPerVoxel <= 2;
  const isScaled = slope !== 1 || intercept !== 0;
  const shared = narrow && !isScaled ? 2 : 4;
  const scaled = isScaled ? (narrow ? 4 : 8) : 0;
  const needed = sizeBytes + voxelCount(shapeZyx) * (shared + scaled);
  if (needed <= maxBytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toPrecision(2)} GiB`;
  throw new NiftiFormatError(`needs ${gigabytes(needed)} of memory, and ${gigabytes(maxBytes)} may be used`);
}

/** Holds a NIfTI header whatever name the gzip header carries, and inflates to no more than 17 MB. */
const headBytes = 1 << 14;

function inflateHead(gzip: Uint8Array): Uint8Array {
  try {
    return gunzipSync(gzip.subarray(0, headBytes), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw damage(error);
  }
}

/** Deflate makes data 1032 times as small at the most (zlib's technical notes). */
const maxRatio = 1032;
/** What may follow the voxels, and is read to check the checksum behind it. */
const maxSurplus = 1 << 20;

/** Inflates what the header promises and hardly more: a few megabytes can hold terabytes. */
async function inflateWhole(gzip: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  if (sizeBytes > gzip.length * maxRatio) throw new NiftiFormatError('the gzip data are cut short');
  const bytes = new Uint8Array(sizeBytes);
  let length = 0;
  const inflated = createGunzip({ chunkSize: 1 << 20 });
  inflated.end(gzip);
  try {
    for await (const chunk of inflated as AsyncIterable<Uint8Array>) {
      if (length < sizeBytes) bytes.set(chunk.subarray(0, sizeBytes - length), length);
      length += chunk.length;
      if (length > sizeBytes + maxSurplus) break;
    }
  } catch (error) {
    throw damage(error);
  }
  // Shorter than the header says: readNifti refuses it with both sizes.
  return bytes.subarray(0, length);
}

function damage(error: unknown): NiftiFormatError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new NiftiFormatError('the gzip data are cut short');
  return new NiftiFormatError(`the gzip data are damaged (${message})`);
}

function toShared(voxels: Voxels): Voxels {
  const store = createStore(kindFor(voxels), voxels.length);
  const shared = voxelsOf(store);
  shared.set(voxels);
  if (store.kind === 'float32') checkFinite(shared);
  return shared;
}

/** After the conversion: float64 values beyond float32 have become infinite. */
function checkFinite(voxels: StoreVoxels): void {
  let others = 0;
  for (let index = 0; index < voxels.length; index++) if (!Number.isFinite(voxels[index]!)) others++;
  if (others === 0) return;
  throw new NiftiFormatError(
    `${others} of its ${voxels.length} voxels are not finite numbers (NaN, infinite or beyond float32); ` +
      'replace them first, by 0 where they stand for no signal',
  );
}

/** The smallest kind that holds every value: wide integers (TotalSegmentator writes CT as int32) mostly fit 16 bits. */
function kindFor(voxels: Voxels): VoxelType {
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
