import type { IntensityMap } from '../core/segment/1-preprocess/intensity-map.ts';
import {
  neededSlices,
  orderResampling,
  reorderAxes,
} from '../core/segment/1-preprocess/channel-resampling.ts';
import type { ViewedMask } from '../core/segment/1-preprocess/load-plane.ts';
import type { AxisPlan } from '../core/volume/resample/axis-plan.ts';
import type { StridedView } from '../core/volume/strided-view.ts';
import type { Voxels } from '../core/volume/volume.ts';
import { sharedFloat32 } from './shared-array.ts';
import type { TaskRunner } from './task-runner.ts';

/** One channel in shared memory, cropped, in network axes, and how its values are normalised on the way. */
export interface ChannelSource {
  readonly voxels: Voxels;
  readonly view: StridedView;
  readonly masked: ViewedMask | null;
  readonly intensity: IntensityMap;
}

export interface ChannelPlan {
  /** Network axes. */
  readonly plans: readonly [AxisPlan, AxisPlan, AxisPlan];
  /** Network axis resampled on its own, after the two others. */
  readonly separate: number | null;
  /** Cut spline overshoot off at the range of the source, as skimage's `resize` does: the range of each slice where one axis is separate. */
  readonly clip: boolean;
  readonly truncate: boolean;
}

/**
 * Resamples one channel into `out`, in the worker threads; between its two halves it is one stack of planes in float32.
 *
 * @param onProgress told which part of the work, 0…1, is done
 */
export async function resampleChannel(
  source: ChannelSource,
  plan: ChannelPlan,
  out: { readonly data: Float32Array; readonly view: StridedView },
  runner: TaskRunner,
  onProgress?: (part: number) => void,
): Promise<void> {
  const { axes, slicePlan, rowPlan, columnPlan } = orderResampling(source.view, plan.plans, plan.separate);
  const planes = sharedFloat32(slicePlan.sourceSize * rowPlan.targetSize * columnPlan.targetSize);
  const view = reorderAxes(source.view, axes);
  const masked = source.masked && { mask: source.masked.mask, view: reorderAxes(source.masked.view, axes) };
  const clipToSlice = plan.clip && plan.separate !== null;
  const slices = neededSlices(slicePlan);
  let done = 0;
  const ranges = await runner.overRange(
    'resampleSlices',
    slices.length,
    ({ from, to }) => ({
      voxels: source.voxels,
      view,
      masked,
      intensity: source.intensity,
      rowPlan,
      columnPlan,
      clipToSlice,
      slices: slices.slice(from, to),
      planes,
    }),
    (size) => onProgress?.((done += size) / slices.length),
  );
  const range = {
    min: Math.min(...ranges.map(({ min }) => min)),
    max: Math.max(...ranges.map(({ max }) => max)),
  };
  await runner.overRange('resampleAcross', rowPlan.targetSize, (rows) => ({
    planes,
    slicePlan,
    clipTo: plan.clip && !clipToSlice ? range : null,
    truncate: plan.truncate,
    ...rows,
    out: out.data,
    outView: reorderAxes(out.view, axes),
  }));
}
