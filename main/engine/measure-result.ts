import type { ModelLabel } from '../core/model/segmentation-model.ts';
import { mergeLabelSums } from '../core/segment/6-measure/label-sums.ts';
import { measurementsFromSums } from '../core/segment/6-measure/measure-labels.ts';
import type { LabelMeasurement } from '../core/segment/6-measure/measurement.ts';
import type { Volume } from '../core/volume/volume.ts';
import { shareVoxels } from './shared-array.ts';
import { createTaskRunner, type TaskContext } from './task-runner.ts';

/**
 * Stage 6 in the worker threads: `measureLabels`, a run of planes at a time.
 *
 * @param labels z, y, x on the grid of `volume`; best over a SharedArrayBuffer, else copied into one
 * @param volume the first channel as it was read
 */
export async function measureResult(
  labels: Uint8Array,
  volume: Volume,
  modelLabels: readonly Pick<ModelLabel, 'value' | 'name'>[],
  context: TaskContext,
): Promise<readonly LabelMeasurement[]> {
  const { shapeZyx } = volume.grid;
  const shared = { labels: shareVoxels(labels), voxels: shareVoxels(volume.voxels), shapeZyx };
  const runner = createTaskRunner(context);
  const parts = await runner.overRange('sumLabels', shapeZyx[0], (range) => ({ ...shared, ...range }));
  return measurementsFromSums(parts.reduce(mergeLabelSums), volume.grid, modelLabels);
}
