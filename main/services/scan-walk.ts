import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';

export type Walked =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'problem'; readonly path: string; readonly cause: string };

/**
 * Every file below a folder, any depth, each once: a symbolic link is followed to what it names unless that was walked
 * already, so loops end. Pipes, sockets and devices are left alone. What cannot be listed is a problem, not an error.
 */
export async function* walkFiles(root: string): AsyncGenerator<Walked> {
  // Real paths of the folders and linked files seen. A plain file in a plain folder is met only once by itself.
  const seen = new Set<string>();
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries: Dirent[];
    try {
      const real = await realpath(folder);
      if (seen.has(real)) continue;
      seen.add(real);
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      yield { kind: 'problem', path: folder, cause: causeOf(error) };
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) yield { kind: 'file', path };
      else if (entry.isSymbolicLink()) yield* followLink(path, folders, seen);
    }
  }
}

async function* followLink(path: string, folders: string[], seen: Set<string>): AsyncGenerator<Walked> {
  try {
    const target = await stat(path);
    if (target.isDirectory()) folders.push(path);
    if (!target.isFile()) return;
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    yield { kind: 'file', path };
  } catch (error) {
    yield { kind: 'problem', path, cause: causeOf(error) };
  }
}

/** The operating system's code for what went wrong, or its words where there is none. */
export function causeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? (error instanceof Error ? error.message : String(error));
}
