import type { Box } from '../../volume/box.ts';
import { nearestIndices } from '../../volume/resample/axis-plan.ts';
import type { Vec3 } from '../../volume/volume.ts';
import type { Preprocessed, RestorePlan } from '../1-preprocess/preprocessed.ts';
import { linearMap, nearestMap, pickMap, type AxisMap } from './axis-map.ts';

export type AxisMaps = readonly [AxisMap, AxisMap, AxisMap];

/** Where the labels go, and how they come from the logits on the network grid. */
export interface RestoreTarget {
  readonly maps: AxisMaps;
  /** The voxels the maps lead to: a box of the whole input grid in network axes. Outside it is background. */
  readonly box: Box;
}

/**
 * nnU-Net: logits go to the crop of the input grid, linearly, where z is separate with `logitsOrderZ` along it.
 * TotalSegmentator: labels are decided on the network grid and go back to the whole grid by nearest neighbour.
 *
 * @throws RangeError for a spline order that logits are not resampled with (only 0 and 1 are)
 */
export function restoreTarget(
  preprocessed: Pick<Preprocessed, 'shape' | 'croppedShape' | 'restore'>,
): RestoreTarget {
  const { shape, croppedShape, restore } = preprocessed;
  if (restore.zoomed) return zoomedTarget(restore.zoomed, restore.box, croppedShape);
  const map = (axis: 0 | 1 | 2) => {
    const order = logitsOrder(restore, axis);
    if (order === 1) return linearMap(shape[axis], croppedShape[axis]);
    if (order === 0) return nearestMap(shape[axis], croppedShape[axis], 'half-pixel');
    throw new RangeError(`Logits are resampled with order 0 or 1, not ${order}.`);
  };
  return { maps: [map(0), map(1), map(2)], box: restore.box };
}

function logitsOrder({ resampling, separateZAxis }: RestorePlan, axis: number): number {
  if (resampling.kind === 'totalsegmentator') return 0;
  return axis === separateZAxis ? resampling.logitsOrderZ : resampling.logitsOrder;
}

/** The output voxels whose nearest voxel of the zoomed grid is in the crop that the network saw. */
function zoomedTarget(zoomed: NonNullable<RestorePlan['zoomed']>, box: Box, wholeShape: Vec3): RestoreTarget {
  const axes = ([0, 1, 2] as const).map((axis) => {
    const from = zoomed.box.start[axis];
    const to = zoomed.box.end[axis];
    const picked = nearestIndices(zoomed.shape[axis], wholeShape[axis], 'aligned-corners');
    const first = picked.findIndex((index) => index >= from);
    const inCrop = picked.filter((index) => index >= from && index < to);
    const start = box.start[axis] + Math.max(0, first);
    return {
      map: pickMap(
        to - from,
        inCrop.map((index) => index - from),
      ),
      start,
      end: start + inCrop.length,
    };
  });
  return {
    maps: axes.map((each) => each.map) as unknown as AxisMaps,
    box: {
      start: axes.map((each) => each.start) as unknown as Vec3,
      end: axes.map((each) => each.end) as unknown as Vec3,
    },
  };
}
