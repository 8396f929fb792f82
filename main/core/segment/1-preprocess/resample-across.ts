import type { AxisPlan } from '../../volume/resample/axis-plan.ts';
import { paddedSize, resampleColumns } from '../../volume/resample/resample-axis.ts';
import type { StridedView } from '../../volume/strided-view.ts';
import type { ValueRange } from './load-plane.ts';

/** Second half of resampling a channel: from slice to slice. */
export interface AcrossTask {
  /** [slice, row, column] as `resampleSlices` left them. */
  readonly planes: Float32Array | Float64Array;
  readonly slicePlan: AxisPlan;
  /** Spline overshoot is cut off there; null: not (or already). */
  readonly clipTo: ValueRange | null;
  /** Cut decimals off, towards zero: TotalSegmentator's cast to int32. */
  readonly truncate: boolean;
  /** Rows [from, to) to do. */
  readonly from: number;
  readonly to: number;
  readonly out: Float32Array;
  /** Where in `out` the channel lies. Axes: slice, row, column. */
  readonly outView: StridedView;
}

export function resampleAcross(task: AcrossTask): void {
  const { planes, slicePlan, outView, truncate, out } = task;
  const [, rows, columns] = outView.shape;
  const min = task.clipTo?.min ?? -Infinity;
  const max = task.clipTo?.max ?? Infinity;
  const source = new Float64Array(paddedSize(slicePlan) * columns);
  const result = new Float64Array(slicePlan.targetSize * columns);
  const columnStride = outView.strides[2];
  for (let row = task.from; row < task.to; row++) {
    for (let slice = 0; slice < slicePlan.sourceSize; slice++) {
      const from = (slice * rows + row) * columns;
      source.set(planes.subarray(from, from + columns), (slice + slicePlan.pad) * columns);
    }
    resampleColumns(source, columns, slicePlan, result);
    for (let slice = 0, from = 0; slice < slicePlan.targetSize; slice++) {
      let to = outView.offset + slice * outView.strides[0] + row * outView.strides[1];
      for (let column = 0; column < columns; column++, from++, to += columnStride) {
        let value = result[from];
        if (value < min) value = min;
        else if (value > max) value = max;
        out[to] = truncate ? Math.trunc(value) : value;
      }
    }
  }
}
