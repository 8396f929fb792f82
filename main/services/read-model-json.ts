import { ModelFormatError } from '../core/model/model-format-error.ts';
import type { ModelFiles } from './read-model-files.ts';

const maxJsonBytes = 32 * 2 ** 20;
const maxTextBytes = 2 ** 20;

/** Throws ModelFormatError where the file is not JSON. */
export async function readJson(files: ModelFiles, path: string): Promise<unknown> {
  const bytes = await files.read(path, maxJsonBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ModelFormatError(`${path} is not JSON (${(error as Error).message})`);
  }
}

/** The text of a LICENSE or LICENCE file in `folder` (`''` or ending in `/`), or `otherwise`. */
export async function readLicence(files: ModelFiles, folder: string, otherwise: string): Promise<string> {
  const path = files.paths.find(
    (candidate) =>
      candidate.startsWith(folder) && /^licen[cs]e(\.txt|\.md)?$/i.test(candidate.slice(folder.length)),
  );
  return path ? new TextDecoder().decode(await files.read(path, maxTextBytes)) : otherwise;
}
