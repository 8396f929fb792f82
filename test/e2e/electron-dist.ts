import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Where the Electron of the tests is put together. */
export const testApp = join(root, 'out', 'electron', 'electron');

/** An unpacked Electron: named by the environment, or the npm package's own; null where it was not downloaded. */
export function electronDist(): string | null {
  const candidates = [process.env['THINSLICE_ELECTRON_DIST'], join(root, 'node_modules', 'electron', 'dist')];
  return candidates.find((each) => each !== undefined && existsSync(join(each, 'electron'))) ?? null;
}
