import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { JobInput } from '../contract/job.ts';
import type { DicomHeader } from '../core/dicom/read/parse-header.ts';
import { items, string } from '../core/dicom/read/element-set.ts';
import type { Image } from './gather-images.ts';
import { headerBuffer, scanHeader } from './scan-header.ts';

const niftiName = /\.nii(\.gz)?$/i;
/** nnU-Net's number of a channel, which its label maps lack. */
const channelNumber = /_\d{4}$/;

/**
 * The label map of each image in a folder and its subfolders, by the image's key. A NIfTI file is named as the image (of DICOM, as
 * its folder or volume), without the number of a channel if need be; a DICOM SEG names the series of the image, or its study
 * where it names none.
 *
 * @throws AppFailure `input-unreadable`; `usage` for images that have none, all of them named, or several, or the same one
 */
export async function findLabels(
  folder: string,
  images: readonly Image[],
): Promise<ReadonlyMap<string, string>> {
  const files = await listFiles(resolve(folder));
  const segs = images.some(({ input }) => input.origin.kind === 'dicom') ? await readSegs(files) : [];
  const found = new Map<string, string>();
  const without: string[] = [];
  for (const { key, name, input } of images) {
    const [path, other] = [...niftiOf(files, input), ...segsOf(segs, input)];
    if (other !== undefined) {
      const detail = `${name} has several label maps in ${folder}: ${path} and ${other}. Leave one there.`;
      throw new AppFailure({ code: 'usage', detail });
    }
    if (path === undefined)
      without.push(
        `${name} (${stemsOf(input)[0]}.nii.gz${isDicom(input) ? ', or a DICOM SEG of its series' : ''})`,
      );
    else if ([...found.values()].includes(path)) {
      const detail = `${name} would have the same label map as another image: ${path}. Name each as its image.`;
      throw new AppFailure({ code: 'usage', detail });
    } else found.set(key, path);
  }
  if (without.length === 0) return found;
  throw new AppFailure({ code: 'usage', detail: `${folder} has no label map of ${without.join(', ')}.` });
}

const isDicom = ({ origin }: JobInput): boolean => origin.kind === 'dicom';

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AppFailure({ code: 'input-unreadable', path: folder, detail });
  }
}

/** Names that a label map may have, the best first. */
function stemsOf({ path, channels: [channel] }: JobInput): string[] {
  if (channel?.kind === 'dicom') return [basename(path), channel.volume.id];
  const stem = basename(channel?.path ?? path).replace(niftiName, '');
  const without = stem.replace(channelNumber, '');
  return channelNumber.test(stem) && without !== '' ? [without, stem] : [stem];
}

function niftiOf(files: readonly string[], input: JobInput): string[] {
  const images = input.channels.flatMap((channel) =>
    channel.kind === 'nifti' ? [resolve(channel.path)] : [],
  );
  for (const stem of stemsOf(input)) {
    const named = files.filter(
      (file) =>
        niftiName.test(file) && basename(file).replace(niftiName, '') === stem && !images.includes(file),
    );
    if (named.length > 0) return named;
  }
  return [];
}

interface Seg {
  readonly path: string;
  readonly studyUid: string;
  /** Those that it says it was made of. */
  readonly seriesUids: readonly string[];
}

async function readSegs(files: readonly string[]): Promise<Seg[]> {
  const buffer = headerBuffer();
  const segs: Seg[] = [];
  for (const path of files) {
    if (niftiName.test(path)) continue;
    const read = await scanHeader(path, buffer);
    if (read.kind === 'header' && string(read.header.dataSet, 'x00080060') === 'SEG')
      segs.push(segOf(path, read.header));
  }
  return segs;
}

function segOf(path: string, { dataSet }: DicomHeader): Seg {
  const seriesUids = items(dataSet, 'x00081115').map((item) => string(item, 'x0020000e'));
  return { path, studyUid: string(dataSet, 'x0020000d'), seriesUids: seriesUids.filter((uid) => uid !== '') };
}

function segsOf(segs: readonly Seg[], { origin }: JobInput): string[] {
  if (origin.kind !== 'dicom') return [];
  const { study, series } = origin;
  return segs
    .filter(({ seriesUids, studyUid }) =>
      seriesUids.length > 0
        ? seriesUids.includes(series.seriesInstanceUid)
        : studyUid !== '' && studyUid === study.studyInstanceUid,
    )
    .map(({ path }) => path);
}
