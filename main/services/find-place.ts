import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';

/** Where the volume of a channel lies. */
export interface Place {
  readonly path: string;
  readonly isNifti: boolean;
  /** The series to take there; undefined: whichever fits. */
  readonly series?: string | undefined;
}

/**
 * Where a channel lies: in the folder or file that the user named for it (`mayBePath`), or in `path`, as the series of
 * that name. Throws AppFailure `input-unreadable`, or `usage` for a series of a NIfTI file.
 */
export async function findPlace(path: string, named: string | undefined, mayBePath: boolean): Promise<Place> {
  if (named !== undefined && mayBePath) {
    const own = resolve(named);
    if (await exists(own)) return { path: own, isNifti: await isNifti(own) };
    // A UID, perhaps with the number of a part; anything else was meant as a path.
    if (!/^[\d.]+(#\d+)?$/.test(named))
      throw new AppFailure({ code: 'input-unreadable', path: own, detail: 'ENOENT' });
  }
  const place = { path, isNifti: await isNifti(path), series: named };
  if (place.isNifti && named !== undefined) {
    throw new AppFailure({
      code: 'usage',
      detail: `${path} is a NIfTI file: there is no series ${named} in it.`,
    });
  }
  return place;
}

async function isNifti(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile() && /\.nii(\.gz)?$/i.test(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new AppFailure({ code: 'input-unreadable', path, detail: code ?? message });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
