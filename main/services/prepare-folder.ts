import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Makes a folder for exports where it is missing; returns its absolute path. Throws AppFailure `output-failed`. */
export function prepareFolder(folder: string): string {
  const path = resolve(folder);
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
    return path;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new AppFailure({ code: 'output-failed', path, detail: code ?? message });
  }
}
