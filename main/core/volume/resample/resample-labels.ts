import { voxelCount, type Vec3 } from '../volume.ts';
import { nearestIndices, planAxis, type Alignment, type AxisPlan } from './axis-plan.ts';

/** Labels on another number of voxels over the same extent, each from the nearest: order 0. Any axis order. */
export function resampleLabels(labels: Uint8Array, from: Vec3, to: Vec3, alignment: Alignment): Uint8Array {
  const [index0, index1, index2] = ([0, 1, 2] as const).map((a) => nearestIndices(from[a], to[a], alignment));
  const out = new Uint8Array(voxelCount(to));
  let at = 0;
  for (const i of index0) {
    for (const j of index1) {
      const row = (i * from[1] + j) * from[2];
      for (const k of index2) out[at++] = labels[row + k];
    }
  }
  return out;
}

/**
 * Order 1 for labels: each label's mask is interpolated linearly on half-pixel centres, and the largest label that
 * reaches one half wins (TotalSegmentator, `resample_one_hot_crop`: ascending labels overwrite). Only the labels of
 * the up to eight voxels around a point can have any weight there, so no mask is ever made.
 */
export function resampleLabelsLinear(labels: Uint8Array, from: Vec3, to: Vec3): Uint8Array {
  const [taps0, taps1, taps2] = ([0, 1, 2] as const).map((a) =>
    linearTaps(planAxis(from[a], to[a], 1, 'half-pixel')),
  );
  const out = new Uint8Array(voxelCount(to));
  const weightOf = new Float64Array(256);
  let at = 0;
  for (const tap0 of taps0) {
    for (const tap1 of taps1) {
      for (const tap2 of taps2) {
        let winner = 0;
        for (let corner = 0; corner < 8; corner++) {
          const [a, b, c] = [corner >> 2, (corner >> 1) & 1, corner & 1];
          const label = labels[(tap0.index[a] * from[1] + tap1.index[b]) * from[2] + tap2.index[c]];
          weightOf[label] += tap0.weight[a] * tap1.weight[b] * tap2.weight[c];
          // The reference interpolates in double precision and keeps single.
          if (label > winner && Math.fround(weightOf[label]) >= 0.5) winner = label;
        }
        out[at++] = winner;
        forget(labels, weightOf, from, tap0, tap1, tap2);
      }
    }
  }
  return out;
}

interface LinearTap {
  readonly index: readonly [number, number];
  readonly weight: readonly [number, number];
}

/** The two source voxels of each output index, within the source. */
function linearTaps({ starts, weights, taps, pad, sourceSize }: AxisPlan): readonly LinearTap[] {
  const inside = (index: number) => Math.min(Math.max(index, 0), sourceSize - 1);
  return Array.from(starts, (start, i) => ({
    index: [inside(start - pad), inside(start - pad + taps - 1)] as const,
    weight: taps === 1 ? ([1, 0] as const) : ([weights[i * 2], weights[i * 2 + 1]] as const),
  }));
}

function forget(
  labels: Uint8Array,
  weightOf: Float64Array,
  from: Vec3,
  tap0: LinearTap,
  tap1: LinearTap,
  tap2: LinearTap,
): void {
  for (const i of tap0.index) {
    for (const j of tap1.index) {
      const row = (i * from[1] + j) * from[2];
      weightOf[labels[row + tap2.index[0]]] = 0;
      weightOf[labels[row + tap2.index[1]]] = 0;
    }
  }
}
