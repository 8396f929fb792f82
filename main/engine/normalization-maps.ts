import {
  intensityMap,
  neededStatistics,
  type IntensityMap,
} from '../core/segment/1-preprocess/intensity-map.ts';
import type { BoxedVoxels } from '../core/segment/1-preprocess/intensity-statistics.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { boxShape, type Box } from '../core/volume/box.ts';
import { mergeMoments, noMoments } from '../core/volume/moments.ts';
import { voxelCount, type Vec3, type Voxels } from '../core/volume/volume.ts';
import type { TaskRunner } from './task-runner.ts';

export interface NormalizationMaps {
  /** One per channel. */
  readonly maps: readonly { readonly intensity: IntensityMap; readonly masked: boolean }[];
  /** One byte per voxel of the box, z, y, x; null where no channel is normalised inside the nonzero mask only. */
  readonly mask: Uint8Array | null;
}

/** Gathers what each channel's normalisation needs to know of the cropped image (box in array axes z, y, x). */
export async function normalizationMaps(
  voxels: readonly Voxels[],
  shapeZyx: Vec3,
  box: Box,
  { channels }: SegmentationModel,
  runner: TaskRunner,
): Promise<NormalizationMaps> {
  const needed = channels.map(({ normalization }) => neededStatistics(normalization));
  let mask: Uint8Array | null = null;
  if (needed.some((needs) => needs.kind === 'moments' && needs.masked)) {
    mask = new Uint8Array(new SharedArrayBuffer(voxelCount(boxShape(box))));
    await runner.run('fillNonzeroMask', { channels: voxels, shapeZyx, box, mask });
  }
  const maps = needed.map(async (needs, channel) => {
    const { normalization } = channels[channel];
    const boxed: BoxedVoxels = { voxels: voxels[channel], shapeZyx, box };
    switch (needs.kind) {
      case 'none':
        return { intensity: intensityMap(normalization, null), masked: false };
      case 'quantiles': {
        const quantiles = await runner.run('findQuantiles', { ...boxed, low: needs.low, high: needs.high });
        return { intensity: intensityMap(normalization, quantiles), masked: false };
      }
      case 'moments': {
        const inside = needs.masked ? mask : null;
        const parts = await runner.overRange('collectMoments', boxShape(box)[0], (range) => ({
          ...boxed,
          mask: inside,
          ...range,
        }));
        const moments = parts.reduce(mergeMoments, noMoments);
        return { intensity: intensityMap(normalization, moments), masked: needs.masked };
      }
    }
  });
  return { maps: await Promise.all(maps), mask };
}
