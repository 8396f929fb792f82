import type { AxisPlan } from '../../volume/resample/axis-plan.ts';
import type { StridedView } from '../../volume/strided-view.ts';
import type { Vec3 } from '../../volume/volume.ts';

/**
 * The order of work for one channel: within each slice, then across slices. Slices are what lies together in memory,
 * unless one axis has to be resampled on its own after the two others (separate z).
 */
export interface ChannelResampling {
  /** Network axis that is the slice, row and column axis. */
  readonly axes: Vec3;
  readonly slicePlan: AxisPlan;
  readonly rowPlan: AxisPlan;
  readonly columnPlan: AxisPlan;
}

/**
 * @param view the cropped source in network axes
 * @param plans per network axis
 * @param separate the network axis that is resampled on its own
 */
export function orderResampling(
  view: StridedView,
  plans: readonly [AxisPlan, AxisPlan, AxisPlan],
  separate: number | null,
): ChannelResampling {
  const byMemory = ([0, 1, 2] as const).toSorted(
    (a, b) => Math.abs(view.strides[b]) - Math.abs(view.strides[a]),
  );
  const slice = separate ?? byMemory[0];
  const [row, column] = byMemory.filter((axis) => axis !== slice);
  return {
    axes: [slice, row, column],
    slicePlan: plans[slice],
    rowPlan: plans[row],
    columnPlan: plans[column],
  };
}

/** The slices that the resampling looks at: all of them, unless it only picks some. */
export function neededSlices(slicePlan: AxisPlan): Int32Array {
  if (slicePlan.order === 0) return Int32Array.from(new Set(slicePlan.starts));
  return Int32Array.from({ length: slicePlan.sourceSize }, (_, slice) => slice);
}

/** The same view with its axes in the order slice, row, column. */
export function reorderAxes(view: StridedView, axes: Vec3): StridedView {
  const pick = (of: Vec3): Vec3 => [of[axes[0]], of[axes[1]], of[axes[2]]];
  return { offset: view.offset, strides: pick(view.strides), shape: pick(view.shape) };
}
