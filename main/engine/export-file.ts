import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';

/**
 * Writes a file whole or not at all: into a hidden file beside it, flushed to the disk, then renamed over it. What a
 * killed process leaves behind is that hidden file, and the next try replaces it. Each piece is written before the next
 * is asked for. Throws AppFailure `output-failed` with the path, or `cancelled`.
 */
export async function writeWholeFile(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.partial`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(partial, { force: true });
    await writePieces(partial, pieces, signal);
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // The first cause is the one to report, not that nothing could be tidied up either.
    await rm(partial, { force: true }).catch(() => undefined);
    throw asOutputFailure(error, path);
  }
}

async function writePieces(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for await (const piece of pieces) {
      if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name survive a power cut. Windows has no such call for folders, nor needs it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the folder is read-only',
  EACCES: 'no permission to write here',
  EPERM: 'no permission to write here',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file stands where a folder is needed',
  ENAMETOOLONG: 'the path is too long',
  EFBIG: 'the file system cannot hold so large a file',
};

function asOutputFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!code || !syscall) return error;
  return new AppFailure({ code: 'output-failed', path, detail: causes[code] ?? code });
}
