import { open } from 'node:fs/promises';
import { NiftiFormatError } from '../../core/nifti/nifti-format-error.ts';
import { PixelDataError } from '../../core/dicom/pixels/pixel-data-error.ts';
import { fail, ok } from '../../contract/app-error.ts';
import type { Result } from '../../contract/app-error.ts';

/** One file is read whole into memory; nothing this product reads is larger. */
const maxFileBytes = 2 ** 31 - 1;

/**
 * Reads one input file and works on its bytes. What is wrong with the file becomes an AppError that names it; results
 * of worker tasks cross a thread boundary, where an error would lose its type. Anything else is a bug and is thrown.
 */
export async function withInputFile<T>(
  path: string,
  work: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
): Promise<Result<T>> {
  try {
    return ok(await work(await readWhole(path)));
  } catch (error) {
    if (error instanceof PixelDataError || error instanceof NiftiFormatError) {
      return fail({ code: 'input-refused', path, detail: error.message });
    }
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && 'syscall' in (error as object)) {
      return fail({ code: 'input-unreadable', path, detail: code });
    }
    throw error;
  }
}

async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new PixelDataError('not a file');
    if (stat.size > maxFileBytes) throw new PixelDataError(`the file is too large (${stat.size} bytes)`);
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}
