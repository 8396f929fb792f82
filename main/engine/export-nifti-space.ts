import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { AppFailure } from '../contract/app-error.ts';
import { NiftiFormatError } from '../core/nifti/nifti-format-error.ts';
import type { NiftiSpace } from '../core/nifti/nifti-space.ts';
import { gridOf } from '../core/nifti/read-nifti.ts';
import { niftiHeaderBytes, readNiftiHeader } from '../core/nifti/read-nifti-header.ts';
import type { NiftiHeader } from '../core/nifti/read-nifti-header.ts';
import type { Grid } from '../core/volume/volume.ts';

/**
 * How a NIfTI file (gzip or not) places its voxels. Reads no more than its header. Throws AppFailure
 * `input-unreadable`, or `input-refused` if the file is no longer a NIfTI file.
 */
export function niftiSpaceOf(path: string): Promise<NiftiSpace> {
  return fromHeader(path, ({ space }) => space);
}

/** The grid of a NIfTI file, from its header alone. Throws as `niftiSpaceOf` does. */
export function niftiGridOf(path: string): Promise<Grid> {
  return fromHeader(path, gridOf);
}

async function fromHeader<T>(path: string, take: (header: NiftiHeader) => T): Promise<T> {
  try {
    return take(readNiftiHeader(await readHead(path)));
  } catch (error) {
    if (error instanceof NiftiFormatError)
      throw new AppFailure({ code: 'input-refused', path, detail: error.message });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new AppFailure({ code: 'input-unreadable', path, detail: code });
  }
}

/** The first bytes of a file, inflated where it is gzip. */
async function readHead(path: string): Promise<Uint8Array> {
  const start = await firstBytes(createReadStream(path, { end: 1 }), 2);
  const file = createReadStream(path);
  if (start[0] !== 0x1f || start[1] !== 0x8b) return firstBytes(file, niftiHeaderBytes);
  const inflated = createGunzip();
  file.on('error', (error) => inflated.destroy(error)).pipe(inflated);
  try {
    return await firstBytes(inflated, niftiHeaderBytes);
  } finally {
    file.destroy();
  }
}

async function firstBytes(stream: AsyncIterable<Buffer>, count: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= count) break;
  }
  return Buffer.concat(chunks).subarray(0, count);
}
