import type { Box } from '../../volume/box.ts';
import { boxShape } from '../../volume/box.ts';
import { mergeMoments, noMoments, type Moments } from '../../volume/moments.ts';
import { voxelCount, type Vec3, type Voxels } from '../../volume/volume.ts';

/** The voxels that statistics are taken over: a box (array axes z, y, x) of one channel. */
export interface BoxedVoxels {
  readonly voxels: Voxels;
  readonly shapeZyx: Vec3;
  readonly box: Box;
}

/**
 * Moments of planes [from, to) of the box, counted from its start; only where `mask` (one byte per voxel of the box)
 * is not 0, if there is one. Row by row in two passes, so that a large mean costs no digits.
 */
export function collectMoments(
  task: BoxedVoxels & { readonly mask: Uint8Array | null; readonly from: number; readonly to: number },
): Moments {
  const { voxels, mask, box } = task;
  const [, height, width] = boxShape(box);
  let moments = noMoments;
  for (let z = task.from; z < task.to; z++) {
    for (let y = 0; y < height; y++) {
      const at = rowOffset(task, z, y);
      moments = mergeMoments(moments, rowMoments(voxels, at, width, mask, (z * height + y) * width));
    }
  }
  return moments;
}

function rowMoments(
  voxels: Voxels,
  at: number,
  width: number,
  mask: Uint8Array | null,
  maskAt: number,
): Moments {
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let x = 0; x < width; x++) {
    if (mask !== null && mask[maskAt + x] === 0) continue;
    const value = voxels[at + x];
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return noMoments;
  const mean = sum / count;
  let squares = 0;
  for (let x = 0; x < width; x++) {
    if (mask !== null && mask[maskAt + x] === 0) continue;
    const deviation = voxels[at + x] - mean;
    squares += deviation * deviation;
  }
  return { count, mean, squares, min, max };
}

/**
 * The values at ranks floor(low·N) and ceil(high·N) − 1 of the N sorted voxels of the box: MeshNet's quantile rule.
 * Types of up to 16 bits are counted, others sorted (a copy).
 */
export function findQuantiles(task: BoxedVoxels & { readonly low: number; readonly high: number }): {
  readonly low: number;
  readonly high: number;
} {
  const count = voxelCount(boxShape(task.box));
  const lowRank = Math.min(Math.floor(task.low * count), count - 1);
  const highRank = Math.max(Math.ceil(task.high * count) - 1, 0);
  const valueAt = task.voxels.BYTES_PER_ELEMENT <= 2 ? countedValues(task) : sortedValues(task);
  return { low: valueAt(lowRank), high: valueAt(highRank) };
}

function countedValues(task: BoxedVoxels): (rank: number) => number {
  const counts = new Uint32Array(1 << 17);
  const zero = 1 << 16;
  const [depth, height, width] = boxShape(task.box);
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const at = rowOffset(task, z, y);
      for (let x = 0; x < width; x++) counts[zero + task.voxels[at + x]]!++;
    }
  }
  return (rank) => {
    let below = 0;
    let value = -1;
    while (below <= rank) below += counts[++value];
    return value - zero;
  };
}

function sortedValues(task: BoxedVoxels): (rank: number) => number {
  const [depth, height, width] = boxShape(task.box);
  const single = task.voxels instanceof Float32Array;
  const values = new (single ? Float32Array : Float64Array)(depth * height * width);
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const at = rowOffset(task, z, y);
      values.set(task.voxels.subarray(at, at + width), (z * height + y) * width);
    }
  }
  values.sort();
  return (rank) => values[rank];
}

/** Index of the first voxel of row (z, y) of the box. */
function rowOffset({ shapeZyx, box }: BoxedVoxels, z: number, y: number): number {
  return ((box.start[0] + z) * shapeZyx[1] + box.start[1] + y) * shapeZyx[2] + box.start[2];
}
