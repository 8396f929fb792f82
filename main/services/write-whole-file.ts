import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import { makeFolder } from '../db/make-folder.ts';

/**
 * Writes a file whole or not at all: into a hidden file beside it, of this process alone, flushed to the disk, then
 * renamed over it. Each piece is written before the next is asked for. Returns its size in bytes. Throws AppFailure
 * `output-failed` with the path, or `cancelled`.
 */
export async function writeWholeFile(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.thinslice-partial`);
  try {
    makeFolder(dirname(path));
    await rm(partial, { force: true });
    const sizeBytes = await writePieces(partial, pieces, signal);
    await rename(partial, path);
    return sizeBytes;
  } catch (error) {
    // The first cause is the one to report, not that nothing could be tidied up either.
    await rm(partial, { force: true }).catch(() => undefined);
    throw asOutputFailure(error, path);
  }
}

async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  const file = await open(path, 'wx');
  let sizeBytes = 0;
  try {
    for await (const piece of pieces) {
      if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
      await file.writeFile(piece);
      sizeBytes += piece.byteLength;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return sizeBytes;
}

/** What the file system says as `output-failed`; anything else as it is. */
export function asOutputFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!code || !syscall) return error;
  return new AppFailure({ code: 'output-failed', path, detail: code });
}
