import type { PlaneVoxels } from './load-planes.ts';
import { windowOf, type WindowLevel } from './window-level.ts';

/** Enough for a percentile, and sorted in a few milliseconds. */
const mostSamples = 50_000;

/** Voxels at even distances over all planes, sorted; what is no number is left out. */
export function sampleVoxels(planes: readonly PlaneVoxels[]): Float32Array {
  const voxels = planes.reduce((sum, plane) => sum + plane.length, 0);
  const step = Math.max(1, Math.floor(voxels / mostSamples));
  const samples: number[] = [];
  let skip = 0;
  for (const plane of planes) {
    let at = skip;
    for (; at < plane.length; at += step) if (Number.isFinite(plane[at])) samples.push(plane[at]!);
    skip = at - plane.length;
  }
  return Float32Array.from(samples).sort();
}

/** The value that a share (0…1) of sorted samples lies under; the closest one, 0 of none. */
export function percentile(sorted: Float32Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

/** Windows for images whose intensities have no fixed meaning, from what is in them. */
export function percentileWindow(sorted: Float32Array, low: number, high: number): WindowLevel {
  const [lower, upper] = [percentile(sorted, low), percentile(sorted, high)];
  return windowOf(lower, upper > lower ? upper : lower + 1);
}
