import type { AxisPlan } from '../../volume/resample/axis-plan.ts';
import { createPlaneResampler } from '../../volume/resample/resample-plane.ts';
import type { StridedView } from '../../volume/strided-view.ts';
import type { Voxels } from '../../volume/volume.ts';
import type { IntensityMap } from './intensity-map.ts';
import { loadPlane, type ValueRange, type ViewedMask } from './load-plane.ts';

/** First half of resampling a channel: each slice on its own, within its plane. */
export interface SlicesTask {
  readonly voxels: Voxels;
  /** Axes: slice, row, column. */
  readonly view: StridedView;
  readonly masked: ViewedMask | null;
  readonly intensity: IntensityMap;
  readonly rowPlan: AxisPlan;
  readonly columnPlan: AxisPlan;
  /** Spline overshoot is cut off at the range of each slice (separate z) instead of the volume's, later. */
  readonly clipToSlice: boolean;
  /** Which slices to do. */
  readonly slices: Int32Array;
  /** [slice, row, column], resampled rows and columns; filled in at `slices`. */
  readonly planes: Float32Array | Float64Array;
}

/**
 * Normalises and resamples slices within their planes, without ever holding more than one of them as floats.
 *
 * @returns the range of the normalised values of these slices, before resampling
 */
export function resampleSlices(task: SlicesTask): ValueRange {
  const { voxels, view, masked, intensity, rowPlan, columnPlan, planes } = task;
  const resampler = createPlaneResampler(rowPlan, columnPlan);
  const size = rowPlan.targetSize * columnPlan.targetSize;
  let min = Infinity;
  let max = -Infinity;
  for (const slice of task.slices) {
    const range = loadPlane(voxels, view, slice, intensity, masked, resampler.source);
    if (range.min < min) min = range.min;
    if (range.max > max) max = range.max;
    const plane = resampler.run();
    if (task.clipToSlice) clip(plane, range);
    planes.set(plane, slice * size);
  }
  return { min, max };
}

function clip(values: Float64Array, { min, max }: ValueRange): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < min) values[i] = min;
    else if (value > max) values[i] = max;
  }
}
