import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ModelFormatError } from '../core/model/model-format-error.ts';
import { openZip, type OpenZip } from './read-model-zip.ts';

/** The files of a model, whether they lie in a folder or in a zip. Paths are relative, with `/`. */
export interface ModelFiles {
  readonly paths: readonly string[];
  /** Throws ModelFormatError where the file is longer than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Opens a file that is itself a zip: a torch checkpoint. */
  openZip(path: string): Promise<OpenZip>;
  close(): Promise<void>;
}

// A model folder also holds validation results and logs; its own files lie at most this deep.
const maxDepth = 4;
const maxFiles = 20_000;

/** The files of a folder; with depth 1 only those that lie in it directly. */
export async function openFolder(folder: string, depth = maxDepth): Promise<ModelFiles> {
  const paths = await walk(folder, depth);
  return {
    paths,
    read: (path, maxBytes) => readLimited(join(folder, path), path, maxBytes),
    openZip: (path) => openZip(join(folder, path)),
    close: () => Promise.resolve(),
  };
}

async function walk(folder: string, deepest: number): Promise<string[]> {
  const paths: string[] = [];
  const visit = async (directory: string, depth: number): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && depth < deepest) await visit(path, depth + 1);
      else if (entry.isFile()) paths.push(relative(folder, path).split(sep).join('/'));
      if (paths.length > maxFiles) throw new ModelFormatError(`the folder holds more than ${maxFiles} files`);
    }
  };
  await visit(folder, 1);
  return paths.sort();
}

/** Reads a whole file of at most `maxBytes`. Throws ModelFormatError. */
export async function readLimited(file: string, name: string, maxBytes: number): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > maxBytes) throw new ModelFormatError(`${name} is ${size} bytes long, which is too much`);
  return readFile(file);
}

/**
 * The files of a zip. A checkpoint in it is unpacked to a temporary file of our own naming, because it is a zip
 * itself and needs random access.
 */
export async function openZippedFolder(file: string): Promise<ModelFiles> {
  const zip = await openZip(file);
  let scratch: string | null = null;
  let unpacked = 0;
  return {
    paths: zip.entries.map(({ name }) => name).sort(),
    async read(path, maxBytes) {
      const size = zip.entries.find(({ name }) => name === path)?.sizeBytes ?? 0;
      if (size > maxBytes) throw new ModelFormatError(`${path} is ${size} bytes long, which is too much`);
      return zip.read(path);
    },
    async openZip(path) {
      scratch ??= await mkdtemp(join(tmpdir(), 'thinslice-model-'));
      const target = join(scratch, `${unpacked++}.zip`);
      await pipeline(zip.stream(path), createWriteStream(target));
      const inner = await openZip(target);
      return {
        ...inner,
        async close() {
          await inner.close();
          await rm(target, { force: true });
        },
      };
    },
    async close() {
      await zip.close();
      if (scratch) await rm(scratch, { recursive: true, force: true });
    },
  };
}
