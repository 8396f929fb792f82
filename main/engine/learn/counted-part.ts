import type { NodeBuilder } from '../../core/learn/node-builder.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import type { Box } from '../../core/volume/box.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';

/** Part of a patch, at each side. */
const largestMargin = 1 / 6;

/**
 * The middle of a patch, which alone is learnt from and judged by. What a network with margins gives nearer to a side depends on what was
 * cut off there, and its tiles keep nothing of it; all of its margin would leave nothing of a patch. It lies in the image to the last
 * voxel, so that patches reach beyond, where there is nothing, as around a head. Networks with tiles of one size use all of them: all
 * of a patch.
 */
export function countedPart({ tiling }: SegmentationModel, patch: Vec3): Box {
  const start = patch.map((size, axis) =>
    tiling.kind === 'margin' ? Math.min(tiling.marginVoxels[axis]!, Math.floor(largestMargin * size)) : 0,
  ) as unknown as Vec3;
  return { start, end: patch.map((size, axis) => size - start[axis]!) as unknown as Vec3 };
}

/** The part of [n, channels, ...patch] as a value of a graph. */
export function counted(b: NodeBuilder, name: string, { start, end }: Box): string {
  return start.every((each) => each === 0) ? name : b.slice(name, [2, 3, 4], start, end);
}

/** Indices of its voxels in a patch; null for all of them. */
export function countedVoxels(patch: Vec3, { start, end }: Box): Uint32Array | null {
  if (start.every((each) => each === 0)) return null;
  const voxels = new Uint32Array(voxelCount(end.map((to, axis) => to - start[axis]!) as unknown as Vec3));
  let at = 0;
  for (let z = start[0]; z < end[0]; z++)
    for (let y = start[1]; y < end[1]; y++)
      for (let x = start[2]; x < end[2]; x++) voxels[at++] = (z * patch[1] + y) * patch[2] + x;
  return voxels;
}
