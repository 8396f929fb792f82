import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import { because } from '../contract/known-cause.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { mayOverlap } from '../core/volume/resample/resample-to-grid.ts';
import type { Volume } from '../core/volume/volume.ts';
import { loadVolume } from './load-volume.ts';
import { resampleToGrid } from './resample-to-grid.ts';
import type { TaskContext } from './task-runner.ts';

/**
 * Reads all channels of an image, in the model's order, brought onto the grid of the first where they lie on another.
 * Throws AppFailure as `loadVolume` does, and `channel-mismatch`.
 */
export async function loadChannels(
  sources: readonly VolumeSource[],
  { channels }: Pick<SegmentationModel, 'channels'>,
  context: TaskContext,
): Promise<Volume[]> {
  const volumes: Volume[] = [];
  for (const [i, source] of sources.entries()) {
    const onProgress = (done: number, total: number) =>
      context.onProgress?.(i * total + done, sources.length * total);
    const volume = await loadVolume(source, { ...context, onProgress });
    if (i > 0 && !mayOverlap(volume.grid, volumes[0].grid)) throw apart(channels, i);
    volumes.push(i === 0 ? volume : await resampleToGrid(volume, volumes[0].grid, context));
  }
  return volumes;
}

/** Frames of reference are compared before; NIfTI files name none, and a wrong header shows only here. */
function apart(channels: SegmentationModel['channels'], index: number): AppFailure {
  const cause = { code: 'channels-apart', other: channels[0].name } as const;
  return new AppFailure({ code: 'channel-mismatch', channel: channels[index].name, ...because(cause) });
}
