import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';

/** `writeWholeFile`, into a folder that is made where it is missing. Throws AppFailure `output-failed`, or `cancelled`. */
export async function writeExport(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWholeFile(path, pieces, signal);
  } catch (error) {
    throw asOutputFailure(error, path);
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
