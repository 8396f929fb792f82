import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { JobInput, JobOrigin } from '../contract/job.ts';
import type { FolderScan } from '../core/dicom/study.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Context } from './context.ts';
import { findPlace } from './find-place.ts';
import { isNamed, selectVolume, usableVolumes, type SelectedVolume } from './select-volume.ts';
import { scanStudies } from './studies.ts';

export interface InputRequest {
  readonly path: string;
  readonly series?: string | undefined;
  /** Channel name → path, or SeriesInstanceUID of a series in `path`. */
  readonly channels: Readonly<Record<string, string>>;
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((filesSeen: number) => void) | undefined;
  /** Told the DICOM files of the folders that could not be used: a slice at an end may be among them. */
  readonly onProblems?: ((problems: FolderScan['problems']) => void) | undefined;
}

/** The volume of one channel; `selected` is null for a NIfTI file. */
export interface Gathered {
  readonly channel: string;
  readonly source: VolumeSource;
  readonly selected: SelectedVolume | null;
}

/**
 * Finds one volume a channel of the model: the named folder or NIfTI file is the first channel, `channels` names
 * the others (and may name the first). Throws AppFailure where one is missing, refused by the geometry gate, the same as
 * another channel's or in another frame of reference.
 */
export async function gatherInput(
  context: Context,
  request: InputRequest,
  model: SegmentationModel,
  options: ScanOptions,
): Promise<JobInput> {
  const path = resolve(request.path);
  checkNames(request, model);
  const scan = scanOnce(context, options);
  const gathered: Gathered[] = [];
  const problems = new Set<FolderScan['problems'][number]>();
  for (const [index, { name, modality }] of model.channels.entries()) {
    const named = request.channels[name];
    if (named === undefined && index > 0) throw missingChannel(name, model);
    const place = await findPlace(path, named ?? request.series, named !== undefined);
    if (place.isNifti) {
      gathered.push({ channel: name, source: { kind: 'nifti', path: place.path }, selected: null });
      continue;
    }
    const found = await scan(place.path);
    for (const problem of found.problems) problems.add(problem);
    const selected =
      place.series === undefined && model.channels.length > 1
        ? onlyVolume(found, modality, name, Object.values(request.channels))
        : selectVolume(found, modality, place.series);
    const source = { kind: 'dicom', modality: selected.series.modality, volume: selected.volume } as const;
    gathered.push({ channel: name, source, selected });
  }
  const input = assembleInput(path, gathered);
  if (problems.size > 0) options.onProblems?.([...problems]);
  return input;
}

/**
 * One volume a channel, in the model's order, as a job reads them. Throws AppFailure `channel-mismatch` for the same volume
 * twice, and for volumes in different frames of reference.
 */
export function assembleInput(path: string, gathered: readonly Gathered[]): JobInput {
  checkDifferent(gathered);
  checkFramesOfReference(gathered);
  return { path, origin: originOf(gathered[0]), channels: gathered.map((each) => each.source) };
}

/** Scans each folder once, however many channels lie in it. */
function scanOnce(context: Context, options: ScanOptions): (folder: string) => Promise<FolderScan> {
  const scans = new Map<string, Promise<FolderScan>>();
  return (folder) => {
    const known = scans.get(folder) ?? scanStudies(context, folder, options);
    scans.set(folder, known);
    return known;
  };
}

/** A model of several channels is not given the first best series: only one that cannot be mistaken. */
function onlyVolume(
  scan: FolderScan,
  modality: string,
  channel: string,
  taken: readonly string[],
): SelectedVolume {
  const usable = usableVolumes(scan, modality, undefined);
  const [only, ...others] = usable.filter((each) => !taken.some((name) => isNamed(each, name)));
  if (only && others.length === 0) return only;
  const detail = only
    ? `${others.length + 1} series of ${scan.folder} could be it; name one with --channel ${channel}=UID`
    : `all series of ${scan.folder} that could be it are named for other channels`;
  throw new AppFailure({ code: 'channel-mismatch', channel, detail });
}

function checkNames({ channels, series }: InputRequest, model: SegmentationModel): void {
  const known = model.channels.map((each) => each.name);
  const unknown = Object.keys(channels).find((name) => !known.includes(name));
  const [first = ''] = known;
  const detail =
    unknown !== undefined
      ? `${model.name} has no channel ${unknown}; its channels are ${known.join(', ')}.`
      : series !== undefined && channels[first] !== undefined
        ? `--series and --channel ${first} both name the first channel; leave one out.`
        : null;
  if (detail !== null) throw new AppFailure({ code: 'usage', detail });
}

function missingChannel(channel: string, model: SegmentationModel): AppFailure {
  const names = model.channels.map((each) => each.name).join(', ');
  return new AppFailure({
    code: 'channel-mismatch',
    channel,
    detail: `it is missing; the model reads ${names}. Name it with --channel ${channel}=PATH`,
  });
}

/** No model reads the same volume twice: a channel was named wrongly, or not at all. */
function checkDifferent(gathered: readonly Gathered[]): void {
  const channelOf = new Map<string, string>();
  for (const { channel, source } of gathered) {
    const { frames } = source.kind === 'dicom' ? source.volume : { frames: [] };
    const key =
      source.kind === 'nifti' ? source.path : frames.map(({ file, frame }) => `${file}#${frame}`).join();
    const other = channelOf.get(key);
    if (other !== undefined) {
      const detail = `it is the same volume as channel ${other}; name the right one with --channel ${channel}=PATH`;
      throw new AppFailure({ code: 'channel-mismatch', channel, detail });
    }
    channelOf.set(key, channel);
  }
}

/** Two series in different frames of reference cannot be laid over each other. NIfTI files name none. */
function checkFramesOfReference(gathered: readonly Gathered[]): void {
  const [first, ...others] = gathered.filter(({ selected }) => selected !== null);
  const frameOf = (each: Gathered | undefined) => each?.selected?.series.frameOfReferenceUid ?? '';
  const frame = frameOf(first);
  const stranger = others.find((each) => frameOf(each) === '' || frameOf(each) !== frame);
  if (!first || !stranger) return;
  throw new AppFailure({
    code: 'channel-mismatch',
    channel: stranger.channel,
    detail: `its series ${stranger.selected?.volume.id} is in another frame of reference than that of channel ${first.channel}, so they cannot be laid over each other`,
  });
}

function originOf(first: Gathered | undefined): JobOrigin {
  if (!first?.selected) return { kind: 'nifti' };
  const { series: _series, ...study } = first.selected.study;
  const { volumes: _volumes, ...series } = first.selected.series;
  return { kind: 'dicom', study, series };
}
