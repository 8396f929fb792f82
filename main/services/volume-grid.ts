import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import { NiftiFormatError } from '../core/nifti/nifti-format-error.ts';
import { readNiftiHeader } from '../core/nifti/read-nifti-header.ts';
import { gridOf } from '../core/nifti/read-nifti.ts';
import type { Grid } from '../core/volume/volume.ts';

/** Holds a NIfTI header, compressed or not, whatever name a gzip header carries. */
const headBytes = 1 << 14;

/** The grid of a volume from its headers alone; null where they cannot be read, which whoever reads it all will say. */
export async function gridOfSource(source: VolumeSource): Promise<Grid | null> {
  if (source.kind === 'dicom') return source.volume.grid;
  try {
    const head = await readHead(source.path);
    const zipped = head[0] === 0x1f && head[1] === 0x8b;
    const bytes = zipped ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head;
    return gridOf(readNiftiHeader(bytes));
  } catch (error) {
    const isSystemError = (error as NodeJS.ErrnoException).code !== undefined;
    if (error instanceof NiftiFormatError || isSystemError) return null;
    throw error;
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
