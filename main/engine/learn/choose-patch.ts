import { totalmem } from 'node:os';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import type { Vec3 } from '../../core/volume/volume.ts';
import { memoryOverhead, type Learning } from './learner.ts';

/**
 * Patches to learn on, of a network that takes any size. The more it sees around a voxel the better: at the border of a patch it
 * learns to make up for what is cut off there, and an image has no such border. MeshNet (30 channels, DF 0.3), which looks 47
 * voxels far, did not become better on a whole head by 777 steps on 64³, though it did on such patches.
 */
const freeSizes = [96, 80];
const leastFreeSize = 64;
/** Part of the machine's memory that a step may take. */
const memoryPart = 0.5;

/** Bytes that this process could have at most. Where nothing limits it, Node says 0 or a number beyond all memory. */
export function machineMemory(): number {
  return Math.min(process.constrainedMemory() || Infinity, totalmem());
}

/** The patch of a model, or the largest that fits into the machine: the same one every time, whatever else runs. */
export function choosePatch(
  { tiling, patch }: SegmentationModel,
  planAt: (patch: Vec3) => Learning,
): { readonly patch: Vec3; readonly learning: Learning } {
  if (tiling.kind !== 'margin') return { patch, learning: planAt(patch) };
  const room = (memoryPart * machineMemory()) / memoryOverhead;
  const planOf = (most: number) => {
    const cut = patch.map((size) => Math.min(size, most)) as unknown as Vec3;
    return { patch: cut, learning: planAt(cut) };
  };
  for (const most of freeSizes) {
    const plan = planOf(most);
    if (plan.learning.peakBytes <= room) return plan;
  }
  return planOf(leastFreeSize);
}
