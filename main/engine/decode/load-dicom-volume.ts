import { AppFailure } from '../../contract/app-error.ts';
import type { VolumeSource } from '../../contract/engine-protocol.ts';
import { geometryRefusal, isUsable } from '../../contract/geometry-refusal.ts';
import { bytesPerVoxel, type VoxelType } from '../../contract/voxel-type.ts';
import type { FrameRef, SeriesVolume } from '../../core/dicom/study.ts';
import type { PixelLayout } from '../../core/dicom/pixels/pixel-layout.ts';
import type { Grid, Volume } from '../../core/volume/volume.ts';
import type { DecodeFramesTask } from '../tasks/decode-frames.ts';
import type { InterpolateSlicesTask, SliceMix } from '../tasks/interpolate-slices.ts';
import { checkMemory } from './check-memory.ts';
import { frameTasks, mixSlices } from './frame-tasks.ts';
import { inThreads, runLoadTask } from './run-load-tasks.ts';
import type { LoadContext } from './run-load-tasks.ts';
import { chooseVoxelKind, createStore, voxelsOf, type VoxelStore } from './voxel-store.ts';

/** Air. What a resheared CT leaves empty lies outside the scan; other modalities have no signal there. */
const airHu = -1024;

type DicomSource = Extract<VolumeSource, { kind: 'dicom' }>;

/** Decodes a series into one volume; see loadVolume for errors. */
export async function loadDicomVolume(source: DicomSource, context: LoadContext): Promise<Volume> {
  const grid = acceptedGrid(source.volume);
  const kind = await probeVoxelKind(source, context);
  const whole = { start: 0, end: grid.shapeZyx[0] };
  const store =
    (await loadDicomPlanes(source, whole, kind, context)) ??
    (await loadDicomPlanes(source, whole, 'float32', context));
  // Only integers can be too narrow.
  return { voxels: voxelsOf(store!), grid };
}

/** The narrowest type that holds what the headers promise; errors as of loadVolume. */
export async function probeVoxelKind(source: DicomSource, context: LoadContext): Promise<VoxelType> {
  acceptedGrid(source.volume);
  const { frames, assembly } = source.volume;
  for (const frame of frames) checkRescale(frame);
  // The first file answers for the sizes that the series claims, before a volume of that size is allocated.
  const path = frames[0]!.file;
  const layout = await runLoadTask<PixelLayout>(context, 'probePixels', { path });
  const rescales = frames.map((frame) => ({ slope: frame.rescaleSlope, intercept: frame.rescaleIntercept }));
  return chooseVoxelKind(layout, rescales, assembly.kind === 'reshear' ? outsideOf(source) : null);
}

/** Planes [start, end) of the grid of a volume along z. */
export interface PlaneRange {
  readonly start: number;
  readonly end: number;
}

/** Some planes of a volume as `kind`, z, y, x; null if there is a value that does not fit. Errors as of loadVolume. */
export async function loadDicomPlanes(
  source: DicomSource,
  { start, end }: PlaneRange,
  kind: VoxelType,
  context: LoadContext,
): Promise<VoxelStore | null> {
  const grid = acceptedGrid(source.volume);
  const [slices, rows, columns] = grid.shapeZyx;
  if (!(start >= 0 && start < end && end <= slices)) throw new Error(`no planes [${start}, ${end})`);
  const { frames, assembly } = source.volume;
  const pixels = rows * columns;
  if (assembly.kind !== 'resample') {
    return decodeSlices(source, cutSlices(source.volume, start, end), grid, kind, pixels, context);
  }
  const mixes = mixSlices(assembly.positionsMm, slices, grid.spacingZyxMm[0]).slice(start, end);
  const first = mixes[0]!.below;
  const last = Math.min(mixes.at(-1)!.below + 1, frames.length - 1);
  checkMemory(frames[0]!.file, (last - first + 1 + mixes.length) * pixels, bytesPerVoxel[kind]);
  const slicesCut = { frames: frames.slice(first, last + 1), assembly };
  const store = await decodeSlices(source, slicesCut, grid, kind, pixels, context);
  return store && evenOut(store, mixes, { first, start, pixels }, context);
}

function cutSlices(
  { frames, assembly }: SeriesVolume,
  start: number,
  end: number,
): Pick<SeriesVolume, 'frames' | 'assembly'> {
  const cut = <T>(values: readonly T[]): readonly T[] => values.slice(start, end);
  if (assembly.kind !== 'reshear') return { frames: cut(frames), assembly };
  const { shiftYMm, shiftXMm } = assembly;
  return {
    frames: cut(frames),
    assembly: { kind: 'reshear', shiftYMm: cut(shiftYMm), shiftXMm: cut(shiftXMm) },
  };
}

function outsideOf({ modality }: DicomSource): number {
  return modality === 'CT' ? airHu : 0;
}

function acceptedGrid(volume: SeriesVolume): Grid {
  if (!isUsable(volume) || volume.frames.length === 0) throw geometryRefusal(volume);
  const { id, grid, frames, assembly } = volume;
  const slices = assembly.kind === 'resample' ? assembly.positionsMm.length : grid.shapeZyx[0];
  if (slices !== frames.length) throw new Error(`series ${id}: ${frames.length} frames for ${slices} slices`);
  return grid;
}

function checkRescale({ file: path, rescaleSlope: slope, rescaleIntercept: intercept }: FrameRef): void {
  // The largest value that 16 bits can become has to be a float32.
  const largest = Math.fround(Math.abs(slope) * 65536 + Math.abs(intercept));
  if (Number.isFinite(largest) && slope !== 0) return;
  const detail = `a rescale slope of ${slope} with an intercept of ${intercept} gives no values`;
  throw new AppFailure({ code: 'input-refused', path, detail });
}

/** Slices as `kind`, one after the other; null if one holds a value that does not fit. */
async function decodeSlices(
  source: DicomSource,
  { frames, assembly }: Pick<SeriesVolume, 'frames' | 'assembly'>,
  grid: Grid,
  kind: VoxelType,
  pixels: number,
  context: LoadContext,
): Promise<VoxelStore | null> {
  const [, rows, columns] = grid.shapeZyx;
  checkMemory(frames[0]!.file, frames.length * pixels, bytesPerVoxel[kind]);
  const store = createStore(kind, frames.length * pixels);
  const outside = outsideOf(source);
  let done = 0;
  const fits = await inThreads(
    context,
    frameTasks(frames, grid, assembly, context.pool.options.maxThreads),
    async (files) => {
      const task: DecodeFramesTask = { files, store, rows, columns, outside };
      const fit = await runLoadTask<boolean>(context, 'decodeFrames', task);
      done += files.reduce((sum, file) => sum + file.frames.length, 0);
      context.onProgress?.(done, frames.length);
      return fit;
    },
  );
  return fits ? store : null;
}

/** Slices from `first` on at uneven positions, linearly interpolated onto the even planes from `start` on. */
async function evenOut(
  from: VoxelStore,
  mixes: readonly SliceMix[],
  { first, start, pixels }: { readonly first: number; readonly start: number; readonly pixels: number },
  context: LoadContext,
): Promise<VoxelStore> {
  const to = createStore(from.kind, mixes.length * pixels);
  await inThreads(context, mixes, async ({ target, below, weight }) => {
    const mix: SliceMix = { target: target - start, below: below - first, weight };
    const task: InterpolateSlicesTask = { from, to, pixels, mixes: [mix] };
    await runLoadTask(context, 'interpolateSlices', task);
    return true;
  });
  return to;
}
