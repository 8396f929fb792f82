import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Preprocessed } from '../core/segment/1-preprocess/preprocessed.ts';
import { loadChannels } from './load-channels.ts';
import { preprocessVolumes } from './preprocess-volume.ts';
import type { TaskContext } from './task-runner.ts';

/** An image as a network sees it whole, to draw parts from. Throws AppFailure as `loadChannels` and `preprocessVolumes` do. */
export async function prepareImage(
  sources: readonly VolumeSource[],
  model: SegmentationModel,
  { pool, signal }: TaskContext,
): Promise<Preprocessed> {
  const context = { pool, ...(signal ? { signal } : {}) };
  return preprocessVolumes(await loadChannels(sources, model, context), model, context);
}
