import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';

const partialEnding = '.thinslice-partial';
/** A file that is being written grows all the time; one that nothing was written to for so long was left behind. */
const abandonedMs = 10 * 60 * 1000;

/**
 * Writes a file whole or not at all: into a hidden file beside it, of this process alone, flushed to the disk, then
 * renamed over it. What a killed process leaves behind is that hidden file; see `removeAbandoned`. Each piece is written
 * before the next is asked for. Throws AppFailure `output-failed` with the path, or `cancelled`.
 */
export async function writeWholeFile(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}${partialEnding}`);
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

/** Removes what killed processes have left of files that they were writing into a folder. */
export async function removeAbandoned(folder: string): Promise<void> {
  // Tidying is no part of the job: what cannot be listed or removed stays.
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names.filter((each) => each.startsWith('.') && each.endsWith(partialEnding))) {
    const path = join(folder, name);
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Infinity }))).mtimeMs;
    if (age > abandonedMs) await rm(path, { force: true }).catch(() => undefined);
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
