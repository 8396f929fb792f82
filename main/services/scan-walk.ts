import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';

export type Walked =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'problem'; readonly path: string; readonly reason: string };

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
      yield { kind: 'problem', path: folder, reason: reasonOf(error) };
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
    yield { kind: 'problem', path, reason: reasonOf(error) };
  }
}

/** What the operating system says, without the path that its message repeats. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Record<string, string> = {
    EACCES: 'no permission to read it',
    EPERM: 'no permission to read it',
    ENOENT: 'it is gone, or its name cannot be read',
    EIO: 'the medium cannot be read',
    ELOOP: 'a symbolic link that leads back to itself',
    EBUSY: 'another program holds it',
  };
  return (code !== undefined && words[code]) || (error instanceof Error ? error.message : String(error));
}
