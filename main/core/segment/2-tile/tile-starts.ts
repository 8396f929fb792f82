import { roundHalfEven } from '../../volume/round-half-even.ts';

/**
 * First voxel of every tile along one axis of a grid that is at least one patch long: nnU-Net's
 * `compute_steps_for_sliding_window`. Tiles lie at most `step`·patch apart, spread evenly over the axis.
 */
export function tileStarts(size: number, patch: number, step: number): number[] {
  const count = Math.ceil((size - patch) / (patch * step)) + 1;
  return spreadEvenly(size - patch, count);
}

/** `count` whole numbers from 0 to `last`, as even as rounding allows. */
export function spreadEvenly(last: number, count: number): number[] {
  const stride = count > 1 ? last / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => roundHalfEven(stride * i));
}
