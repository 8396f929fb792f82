import { ok } from '../../contract/app-error.ts';
import type { Result } from '../../contract/app-error.ts';
import { voxelsOf } from '../decode/voxel-store.ts';
import type { VoxelStore } from '../decode/voxel-store.ts';

/** Slice `target` = slice `below` · (1 − weight) + slice `below + 1` · weight. */
export interface SliceMix {
  readonly target: number;
  readonly below: number;
  readonly weight: number;
}

export interface InterpolateSlicesTask {
  readonly from: VoxelStore;
  /** Of the same kind as `from`. */
  readonly to: VoxelStore;
  readonly pixels: number;
  readonly mixes: readonly SliceMix[];
}

/** Linear interpolation between neighbouring slices, for a stack whose positions are slightly uneven. */
export function interpolateSlices({ from, to, pixels, mixes }: InterpolateSlicesTask): Result<null> {
  const source = voxelsOf(from);
  const target = voxelsOf(to);
  const whole = to.kind !== 'float32';
  for (const { target: slice, below, weight } of mixes) {
    const lower = below * pixels;
    const offset = slice * pixels;
    if (weight === 0) {
      target.set(source.subarray(lower, lower + pixels), offset);
      continue;
    }
    const upper = lower + pixels;
    for (let index = 0; index < pixels; index++) {
      const value = source[lower + index]! * (1 - weight) + source[upper + index]! * weight;
      target[offset + index] = whole ? Math.round(value) : value;
    }
  }
  return ok(null);
}
