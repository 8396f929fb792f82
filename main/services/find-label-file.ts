import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { Image } from './gather-images.ts';

/**
 * Finds the label map of each image in a folder: a NIfTI file of the image's file name (nnU-Net's `_0000` left out or not), of
 * the study folder's name or of the volume's UID, or a DICOM SEG called so. Throws AppFailure `input-unreadable` for the
 * folder, `usage` where an image has none.
 */
export async function labelFileFinder(folder: string): Promise<(image: Image) => string> {
  const names = new Set(await listed(folder));
  return (image) => {
    const found = stemsOf(image)
      .flatMap((stem) => [`${stem}.nii.gz`, `${stem}.nii`, `${stem}.dcm`])
      .find((name) => names.has(name));
    if (found !== undefined) return join(folder, found);
    const detail = `There is no label map for ${image.name} in ${folder}; it would be called ${stemsOf(image)[0]}.nii.gz.`;
    throw new AppFailure({ code: 'usage', detail });
  };
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AppFailure({ code: 'input-unreadable', path: folder, detail });
  }
}

function stemsOf({ input: { path, channels } }: Image): string[] {
  const stem = basename(path).replace(/\.nii(\.gz)?$/i, '');
  const [source] = channels;
  const uid = source?.kind === 'dicom' ? [source.volume.id] : [];
  return [stem, stem.replace(/_0000$/, ''), ...uid];
}
