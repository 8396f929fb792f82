import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';

/** SHA-256 of files one after the other. Throws AppFailure `input-unreadable`. */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
    } catch (error) {
      const detail = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new AppFailure({ code: 'input-unreadable', path, detail });
    }
  }
  return hash.digest('hex');
}

/** The files of an image, each once, DICOM in the order of its frames. */
export function filesOf(source: VolumeSource): string[] {
  if (source.kind === 'nifti') return [source.path];
  return [...new Set(source.volume.frames.map(({ file }) => file))];
}
