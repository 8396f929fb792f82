import type { SegmentationModel } from '../../model/segmentation-model.ts';
import { asSplineOrder, planAxis, type AxisPlan } from '../../volume/resample/axis-plan.ts';
import type { Vec3 } from '../../volume/volume.ts';
import { resampledShape } from './resampled-shape.ts';
import { separateAxis } from './separate-axis.ts';

/** How the cropped image becomes the network's input. Network axes. */
export interface ResamplingPlan {
  readonly shape: Vec3;
  readonly plans: readonly [AxisPlan, AxisPlan, AxisPlan];
  /** The axis resampled on its own, after the two others: for the data, and for the logits on their way back. */
  readonly separate: number | null;
  readonly logitsSeparate: number | null;
}

/**
 * nnU-Net's `resample_data_or_seg_to_shape`. After a TotalSegmentator zoom nothing is left to resample.
 *
 * @throws SplineOrderError, TooManyVoxelsError
 */
export function planResampling(
  croppedShape: Vec3,
  spacingMm: Vec3,
  { resampling, spacingMm: targetSpacingMm }: Pick<SegmentationModel, 'resampling' | 'spacingMm'>,
): ResamplingPlan {
  if (resampling.kind === 'totalsegmentator') {
    const keep = (axis: 0 | 1 | 2) => planAxis(croppedShape[axis], croppedShape[axis], 0, 'half-pixel');
    return { shape: croppedShape, plans: [keep(0), keep(1), keep(2)], separate: null, logitsSeparate: null };
  }
  const shape = resampledShape(croppedShape, spacingMm, targetSpacingMm);
  const separate = separateAxis(spacingMm, targetSpacingMm, resampling.forceSeparateZ);
  const plan = (axis: 0 | 1 | 2) => {
    const order = axis === separate ? resampling.dataOrderZ : resampling.dataOrder;
    return planAxis(croppedShape[axis], shape[axis], asSplineOrder(order), 'half-pixel');
  };
  return {
    shape,
    plans: [plan(0), plan(1), plan(2)],
    separate,
    // On the way back the model's spacing is the current one, and is asked first.
    logitsSeparate: separateAxis(targetSpacingMm, spacingMm, resampling.forceSeparateZ),
  };
}
