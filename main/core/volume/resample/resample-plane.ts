import type { AxisPlan } from './axis-plan.ts';
import { paddedSize, resampleColumns, resampleRows } from './resample-axis.ts';

/** Resamples planes of one size, one after the other, with the scratch memory for it. */
export interface PlaneResampler {
  /** Where the source plane is written, row by row, before each `run`; overwritten by it. */
  readonly source: Float64Array;
  /** The resampled plane, `rows.targetSize` × `columns.targetSize`, valid until the next `run`. */
  readonly run: () => Float64Array;
}

/**
 * @param rowPlan how the number of rows changes (resampling down the columns)
 * @param columnPlan how the number of columns changes (resampling along the rows)
 */
export function createPlaneResampler(rowPlan: AxisPlan, columnPlan: AxisPlan): PlaneResampler {
  const width = columnPlan.sourceSize;
  const plane = new Float64Array(paddedSize(rowPlan) * width);
  const source = plane.subarray(rowPlan.pad * width, (rowPlan.pad + rowPlan.sourceSize) * width);
  const shortened = new Float64Array(rowPlan.targetSize * width);
  const line = new Float64Array(paddedSize(columnPlan));
  const result = new Float64Array(rowPlan.targetSize * columnPlan.targetSize);
  return {
    source,
    run: () => {
      resampleColumns(plane, width, rowPlan, shortened);
      resampleRows(shortened, rowPlan.targetSize, columnPlan, line, result);
      return result;
    },
  };
}
