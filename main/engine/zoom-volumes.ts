import { identityMap } from '../core/segment/1-preprocess/intensity-map.ts';
import { resampledShape } from '../core/segment/1-preprocess/resampled-shape.ts';
import { identityOrientation, orientVec } from '../core/volume/orientation.ts';
import { planAxis, type SplineOrder } from '../core/volume/resample/axis-plan.ts';
import { denseView, orientView } from '../core/volume/strided-view.ts';
import { voxelCount, type Vec3 } from '../core/volume/volume.ts';
import type { Channels } from './preprocess-volume.ts';
import { resampleChannel } from './resample-channel.ts';
import { sharedFloat32 } from './shared-array.ts';
import type { TaskContext, TaskRunner } from './task-runner.ts';

/**
 * TotalSegmentator's `change_spacing`: the whole image zoomed to the model's spacing with aligned corners and cut off
 * to integers, before nnU-Net sees it. The result's array axes are the network axes. An image that has the spacing
 * already is left as it is.
 */
export async function zoomVolumes(
  channels: Channels,
  targetSpacingMm: Vec3,
  order: SplineOrder,
  runner: TaskRunner,
  onProgress?: TaskContext['onProgress'],
): Promise<Channels> {
  const { voxels, shapeZyx, toNetwork } = channels;
  // TotalSegmentator takes the spacing from the NIfTI header, where it is float32.
  const spacingMm = channels.spacingMm.map(Math.fround) as unknown as Vec3;
  if (spacingMm.every((spacing, axis) => spacing === targetSpacingMm[axis])) return channels;

  const view = orientView(denseView(shapeZyx), toNetwork);
  const shape = resampledShape(orientVec(shapeZyx, toNetwork), spacingMm, targetSpacingMm);
  const plan = (axis: 0 | 1 | 2) => planAxis(view.shape[axis], shape[axis], order, 'aligned-corners');
  const plans = [plan(0), plan(1), plan(2)] as const;
  const zoomed: Float32Array[] = [];
  for (const [channel, source] of voxels.entries()) {
    const data = sharedFloat32(voxelCount(shape));
    await resampleChannel(
      { voxels: source, view, masked: null, intensity: identityMap },
      { plans, separate: null, clip: false, truncate: true },
      { data, view: denseView(shape) },
      runner,
      (part) => onProgress?.(channel + part, voxels.length),
    );
    zoomed.push(data);
  }
  return { voxels: zoomed, shapeZyx: shape, toNetwork: identityOrientation, spacingMm: targetSpacingMm };
}
