import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';

const partialEnding = '.thinslice-partial';
/** A file that is being written grows all the time; one that nothing was written to for so long was left behind. */
const abandonedMs = 10 * 60 * 1000;

/**
 * Writes a file whole or not at all: into a hidden file beside it, of this process alone, flushed to the disk, then
 * renamed over it. What a killed process leaves behind is that hidden file; see `removeAbandoned`. A piece is written
 * while the next one is made, and has to stay as it is until the one after that is asked for. Returns the file's size in
 * bytes. Throws what the file system says, or AppFailure `cancelled`.
 */
export async function writeWholeFile(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}${partialEnding}`);
  try {
    await rm(partial, { force: true });
    const sizeBytes = await writePieces(partial, pieces, signal);
    await rename(partial, path);
    await syncFolder(dirname(path));
    return sizeBytes;
  } catch (error) {
    // The first cause is the one to report, not that nothing could be tidied up either.
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
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
): Promise<number> {
  const file = await open(path, 'wx');
  let sizeBytes = 0;
  let written = Promise.resolve();
  try {
    for await (const piece of pieces) {
      await written;
      if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
      written = writePiece(file, piece);
      // A failure is met at the next piece; until then nobody waits for it, which would end the process.
      written.catch(() => undefined);
      sizeBytes += piece.byteLength;
    }
    await written;
    await file.sync();
  } finally {
    await Promise.allSettled([written]);
    await file.close();
  }
  return sizeBytes;
}

/** In one call to the system, where it takes all: `writeFile` would come back to this thread every half a megabyte. */
async function writePiece(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.byteLength;) at += (await file.write(piece, at)).bytesWritten;
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
