import { AppFailure } from '../../contract/app-error.ts';
import type { VolumeSource } from '../../contract/engine-protocol.ts';
import type { FrameRef, SeriesVolume } from '../../core/dicom/study.ts';
import type { PixelLayout } from '../../core/dicom/pixels/pixel-layout.ts';
import type { Grid, Volume } from '../../core/volume/volume.ts';
import type { DecodeFramesTask } from '../tasks/decode-frames.ts';
import type { InterpolateSlicesTask } from '../tasks/interpolate-slices.ts';
import { checkMemory } from './check-memory.ts';
import { frameTasks, mixSlices } from './frame-tasks.ts';
import { inThreads, runLoadTask } from './run-load-tasks.ts';
import type { LoadContext } from './run-load-tasks.ts';
import { bytesPerVoxel, chooseVoxelKind, createStore, voxelsOf } from './voxel-store.ts';
import type { VoxelKind, VoxelStore } from './voxel-store.ts';

/** Air. What a resheared CT leaves empty lies outside the scan; other modalities have no signal there. */
const airHu = -1024;

type DicomSource = Extract<VolumeSource, { kind: 'dicom' }>;

/** Decodes a series into one volume; see loadVolume for errors. */
export async function loadDicomVolume(source: DicomSource, context: LoadContext): Promise<Volume> {
  const { frames } = source.volume;
  const grid = acceptedGrid(source.volume);
  for (const frame of frames) checkRescale(frame);
  // The first file answers for the sizes that the series claims, before a volume of that size is allocated.
  const path = frames[0]!.file;
  const layout = await runLoadTask<PixelLayout>(context, 'probePixels', { path });
  const rescales = frames.map((frame) => ({ slope: frame.rescaleSlope, intercept: frame.rescaleIntercept }));
  const fill = source.volume.assembly.kind === 'reshear' ? outsideOf(source) : null;
  const kind = chooseVoxelKind(layout, rescales, fill);
  const store =
    (await decode(source, grid, kind, context)) ?? (await decode(source, grid, 'float32', context));
  // Only integers can be too narrow.
  return { voxels: voxelsOf(store!), grid };
}

function outsideOf({ modality }: DicomSource): number {
  return modality === 'CT' ? airHu : 0;
}

function acceptedGrid({ id, grid, verdict, frames, assembly }: SeriesVolume): Grid {
  if (!grid || verdict.outcome === 'refused' || frames.length === 0) {
    const findings = verdict.findings.map(({ code }) => code).join(', ');
    throw new AppFailure({ code: 'geometry-refused', series: id, findings });
  }
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

/** The volume as `kind`; null if it holds a value that does not fit. */
async function decode(
  source: DicomSource,
  grid: Grid,
  kind: VoxelKind,
  context: LoadContext,
): Promise<VoxelStore | null> {
  const { frames, assembly } = source.volume;
  const [slices, rows, columns] = grid.shapeZyx;
  const pixels = rows * columns;
  const resampled = assembly.kind === 'resample' ? slices : 0;
  checkMemory(frames[0]!.file, (frames.length + resampled) * pixels, bytesPerVoxel(kind));
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
  if (!fits) return null;
  if (assembly.kind !== 'resample') return store;
  return evenOut(store, assembly.positionsMm, grid, context);
}

/** Slices at uneven positions, linearly interpolated onto the even grid. */
async function evenOut(
  from: VoxelStore,
  positionsMm: readonly number[],
  grid: Grid,
  context: LoadContext,
): Promise<VoxelStore> {
  const [slices, rows, columns] = grid.shapeZyx;
  const pixels = rows * columns;
  const to = createStore(from.kind, slices * pixels);
  await inThreads(context, mixSlices(positionsMm, slices, grid.spacingZyxMm[0]), async (mix) => {
    const task: InterpolateSlicesTask = { from, to, pixels, mixes: [mix] };
    await runLoadTask(context, 'interpolateSlices', task);
    return true;
  });
  return to;
}
