import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { JobInput, JobOrigin } from '../contract/job.ts';
import type { FolderScan } from '../core/dicom/study.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Context } from './context.ts';
import { selectVolume, type SelectedVolume } from './select-volume.ts';
import { scanStudies } from './studies.ts';

export interface InputRequest {
  readonly path: string;
  readonly series?: string | undefined;
  /** Channel name → path, or SeriesInstanceUID of a series in `path`. */
  readonly channels: Readonly<Record<string, string>>;
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (filesSeen: number) => void;
}

type Gathered = { readonly source: VolumeSource; readonly selected: SelectedVolume | null };

/**
 * Finds one volume a channel of the model: the named folder or NIfTI file is the first channel, `channels` names
 * the others (and may name the first). Throws AppFailure where one is missing, refused by the geometry gate or in
 * another frame of reference.
 */
export async function gatherInput(
  context: Context,
  request: InputRequest,
  model: SegmentationModel,
  options: ScanOptions,
): Promise<JobInput> {
  const path = resolve(request.path);
  checkChannelNames(request.channels, model);
  const scans = new Map<string, FolderScan>();
  const scan = async (folder: string): Promise<FolderScan> => {
    const known = scans.get(folder) ?? (await scanStudies(context, folder, options));
    scans.set(folder, known);
    return known;
  };

  const gathered: Gathered[] = [];
  for (const [index, channel] of model.channels.entries()) {
    const named = request.channels[channel.name];
    if (named === undefined && index > 0) {
      throw new AppFailure({
        code: 'channel-mismatch',
        channel: channel.name,
        detail: `the model reads ${model.channels.map((each) => each.name).join(', ')}; name this one with --channel ${channel.name}=PATH`,
      });
    }
    gathered.push(await gather(named, index === 0 ? request.series : undefined, channel.modality));
  }
  checkFramesOfReference(gathered, model);
  return { path, origin: originOf(gathered[0]), channels: gathered.map((each) => each.source) };

  async function gather(
    named: string | undefined,
    series: string | undefined,
    modality: string,
  ): Promise<Gathered> {
    const place = named === undefined ? path : (await exists(resolve(named))) ? resolve(named) : path;
    const wanted = named !== undefined && place === path && resolve(named) !== path ? named : series;
    if (await isNifti(place)) return { source: { kind: 'nifti', path: place }, selected: null };
    const selected = selectVolume(await scan(place), modality, wanted);
    return {
      source: { kind: 'dicom', modality: selected.series.modality, volume: selected.volume },
      selected,
    };
  }
}

async function isNifti(path: string): Promise<boolean> {
  if (!/\.nii(\.gz)?$/i.test(path)) return false;
  return (await statOrFail(path)).isFile();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function statOrFail(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw new AppFailure({ code: 'input-unreadable', path, detail: (error as Error).message });
  }
}

function checkChannelNames(channels: Readonly<Record<string, string>>, model: SegmentationModel): void {
  const known = model.channels.map((each) => each.name);
  const unknown = Object.keys(channels).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new AppFailure({
    code: 'usage',
    detail: `${model.name} has no channel ${unknown}; its channels are ${known.join(', ')}.`,
  });
}

/** Two series in different frames of reference cannot be laid over each other. */
function checkFramesOfReference(gathered: readonly Gathered[], model: SegmentationModel): void {
  const first = gathered[0]?.selected?.series.frameOfReferenceUid ?? '';
  gathered.forEach(({ selected }, index) => {
    const own = selected?.series.frameOfReferenceUid ?? '';
    if (index === 0 || selected === null || gathered[0]?.selected === null) return;
    if (own !== '' && own === first) return;
    throw new AppFailure({
      code: 'channel-mismatch',
      channel: model.channels[index]?.name ?? String(index),
      detail: `its series is in another frame of reference than the first channel's`,
    });
  });
}

function originOf(first: Gathered | undefined): JobOrigin {
  if (!first?.selected) return { kind: 'nifti' };
  const { series: _series, ...study } = first.selected.study;
  const { volumes: _volumes, ...series } = first.selected.series;
  return { kind: 'dicom', study, series };
}
