import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { FileFlaw, FileProblem } from '../core/dicom/file-flaw.ts';
import { DicomFormatError } from '../core/dicom/read/dicom-format-error.ts';
import { groupStudies } from '../core/dicom/read/group-studies.ts';
import type { Instance } from '../core/dicom/read/image-frame.ts';
import { isMediaDirectory, readInstance } from '../core/dicom/read/read-instance.ts';
import type { FolderScan } from '../core/dicom/study.ts';
import { headerBuffer, scanHeader } from './scan-header.ts';
import { causeOf, walkFiles } from './scan-walk.ts';
import type { Walked } from './scan-walk.ts';

export interface ScanFolderOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each file with how many were seen. */
  readonly onProgress?: ((filesSeen: number) => void) | undefined;
}

// Reads wait for the disk or the share rather than for the processor: some in flight hide that, more only queue.
const concurrentReads = 8;

/**
 * Finds the DICOM studies in a folder, at any depth, whatever the files are called; or in one file. One walk, and of each
 * file only its header is read. Files that are not DICOM are counted; DICOM files that cannot be used, and what cannot be
 * read at all, are listed with the reason. A DICOMDIR is not consulted.
 *
 * Throws AppFailure `input-unreadable` where the folder itself cannot be read, `cancelled` on `signal`.
 */
export async function scanFolder(folder: string, options: ScanFolderOptions = {}): Promise<FolderScan> {
  const root = resolve(folder);
  const found: Found = { instances: [], filesRead: 0, filesSkipped: 0, problems: [] };
  const files = await startWalk(root);
  let seen = 0;
  const work = async (): Promise<void> => {
    const buffer = headerBuffer();
    // An async generator queues the calls of several takers.
    for (let next = await files.next(); !next.done; next = await files.next()) {
      if (options.signal?.aborted) throw new AppFailure({ code: 'cancelled' });
      const walked = next.value;
      if (walked.kind === 'problem') {
        found.problems.push({ file: walked.path, flaw: { code: 'unreadable', cause: walked.cause } });
      } else await readFile(walked.path, buffer, found);
      options.onProgress?.(++seen);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrentReads }, work));
  } finally {
    // After a failure the other takers find the walk ended.
    await files.return(undefined);
  }
  if (options.signal?.aborted) throw new AppFailure({ code: 'cancelled' });
  return {
    folder: root,
    studies: groupStudies(found.instances),
    filesRead: found.filesRead,
    filesSkipped: found.filesSkipped,
    problems: found.problems.sort((a, b) => (a.file < b.file ? -1 : 1)),
  };
}

interface Found {
  readonly instances: Instance[];
  filesRead: number;
  filesSkipped: number;
  readonly problems: FileProblem[];
}

async function startWalk(root: string): Promise<AsyncGenerator<Walked>> {
  const unreadable = (detail: string) => new AppFailure({ code: 'input-unreadable', path: root, detail });
  const stats = await stat(root).catch((error: unknown) => {
    throw unreadable(causeOf(error));
  });
  if (stats.isFile()) return oneFile(root);
  if (!stats.isDirectory()) throw unreadable('it is neither a folder nor a file');
  const files = walkFiles(root);
  const first = await files.next();
  // The only folder walked so far is the root: a problem with it is one with the whole scan.
  if (!first.done && first.value.kind === 'problem' && first.value.path === root) {
    throw unreadable(first.value.cause);
  }
  return first.done ? files : resume(first.value, files);
}

async function* oneFile(path: string): AsyncGenerator<Walked> {
  yield { kind: 'file', path };
}

async function* resume(first: Walked, others: AsyncGenerator<Walked>): AsyncGenerator<Walked> {
  yield first;
  yield* others;
}

async function readFile(file: string, buffer: Uint8Array, found: Found): Promise<void> {
  try {
    const read = await scanHeader(file, buffer);
    if (read.kind === 'not-dicom') {
      found.filesSkipped++;
      return;
    }
    found.filesRead++;
    const { header, fileBytes } = read;
    if (isMediaDirectory(header)) return;
    const instance = readInstance(file, header, fileBytes);
    found.instances.push(instance);
    const flaw = truncationOf(instance);
    if (flaw) found.problems.push({ file, flaw });
  } catch (error) {
    const isExpected =
      error instanceof DicomFormatError || typeof (error as { code?: unknown }).code === 'string';
    // Anything else is a bug of ours, not of the file.
    if (!isExpected) throw error;
    const flaw: FileFlaw =
      error instanceof DicomFormatError ? error.flaw : { code: 'unreadable', cause: causeOf(error) };
    found.problems.push({ file, flaw });
  }
}

/** A truncated file stays in its series, which is refused for it; the list of problems says which file it is. */
function truncationOf({ cutShort, pixels }: Instance): FileFlaw | null {
  if (cutShort !== null) return cutShort;
  const missingBytes = pixels?.bytesMissing ?? 0;
  return missingBytes > 0 ? { code: 'pixels-cut-short', missingBytes } : null;
}
