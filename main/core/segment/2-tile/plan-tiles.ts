import type { SegmentationModel } from '../../model/segmentation-model.ts';
import type { Vec3 } from '../../volume/volume.ts';
import { gaussianMap } from './gaussian-map.ts';
import { marginTiles } from './margin-tiles.ts';
import { padToPatch } from './pad-to-patch.ts';
import type { TilePlan } from './tile-plan.ts';
import { tileStarts } from './tile-starts.ts';

/** Divides the network grid `shape` into tiles, as the model asks for. */
export function planTiles(model: Pick<SegmentationModel, 'patch' | 'tiling'>, shape: Vec3): TilePlan {
  return model.tiling.kind === 'gaussian'
    ? gaussianTiles(shape, model.patch, model.tiling.step)
    : marginTiles(shape, model.patch, model.tiling.marginVoxels);
}

/** nnU-Net's tiles: overlapping, Gaussian-weighted, small volumes padded with 0 to the patch. */
function gaussianTiles(shape: Vec3, patch: Vec3, step: number): TilePlan {
  const padding = padToPatch(shape, patch);
  const [s0, s1, s2] = padding.paddedShape.map((n, a) => tileStarts(n, patch[a], step));
  const keep = { start: [0, 0, 0] as Vec3, end: patch };
  const tiles = s0.flatMap((a) => s1.flatMap((b) => s2.map((c) => ({ start: [a, b, c] as Vec3, keep }))));
  return { ...padding, tileShape: patch, tiles, weights: gaussianMap(patch) };
}
