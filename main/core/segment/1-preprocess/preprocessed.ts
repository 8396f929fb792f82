import type { SegmentationModel } from '../../model/segmentation-model.ts';
import type { Box } from '../../volume/box.ts';
import type { Vec3 } from '../../volume/volume.ts';

/** The network's input, and all that stage 5 needs to put labels back onto the grid that was read. */
export interface Preprocessed {
  /** [channel, d0, d1, d2] in network axes, over a SharedArrayBuffer so that workers read it in place. */
  readonly data: Float32Array<SharedArrayBuffer>;
  /** d0, d1, d2 of `data`. */
  readonly shape: Vec3;
  /** Network axes: the crop before resampling, which is what the logits or labels go back to. */
  readonly croppedShape: Vec3;
  readonly restore: RestorePlan;
}

/**
 * From the cropped grid in network axes back to the grid that was read. Network index (n0, n1, n2) counted from
 * the corner of the whole, uncropped grid is the voxel whose index along array axis `permutation[i]` is
 * `n_i`, or `inputShapeZyx[permutation[i]] - 1 - n_i` where `flips[i]`.
 */
export interface RestorePlan {
  readonly inputShapeZyx: Vec3;
  /** Array axis (z, y, x = 0, 1, 2) of the grid as read that is network axis i. */
  readonly permutation: Vec3;
  /** Network axis i runs against that array axis. */
  readonly flips: readonly [boolean, boolean, boolean];
  /** The crop, network axes. Outside it everything is background. */
  readonly box: Box;
  /**
   * Network axis along which the logits are resampled on their own (`logitsOrderZ`), after the two others
   * (`logitsOrder`); null where all three go together. It can differ from the axis used for the data.
   */
  readonly separateZAxis: number | null;
  readonly resampling: SegmentationModel['resampling'];
  /**
   * TotalSegmentator's order of work only, null otherwise: the whole grid (`box`) was zoomed to `shape` and the
   * nonzero crop taken after that, so that the network's input is `box` of this zoomed grid. Labels are
   * background elsewhere in it, and go back to the whole grid from there.
   */
  readonly zoomed: { readonly shape: Vec3; readonly box: Box } | null;
}
