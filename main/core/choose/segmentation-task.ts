import type { SegmentationModel } from '../model/segmentation-model.ts';
import { resampledShape } from '../segment/1-preprocess/resampled-shape.ts';
import { marginTiles } from '../segment/2-tile/margin-tiles.ts';
import { tileStarts } from '../segment/2-tile/tile-starts.ts';
import { composeOrientations, identityOrientation, orient, orientVec } from '../volume/orientation.ts';
import { voxelCount, type Grid, type Vec3 } from '../volume/volume.ts';

type Tiling = SegmentationModel['tiling'];

/** What a segmentation asks of whatever runs it; the same for every variant and device. */
export interface SegmentationTask {
  /** The network's grid, network axes. */
  readonly networkShape: Vec3;
  readonly tiling: Tiling;
  /** Tiles that the network can take, largest first; the first is the model's own patch. */
  readonly tileShapes: readonly Vec3[];
  /** Runs of the network a tile: mirrorings × folds. */
  readonly runsPerTile: number;
  /** Loading, preprocessing, restoring, measuring. */
  readonly otherSeconds: number;
  /** Main memory held besides the network. */
  readonly hostBytes: number;
}

/** Logits of a slab, the results of the pool's threads and the process itself. */
const fixedHostBytes = 400 * 2 ** 20;

/**
 * The task of segmenting a volume. The network's grid is that of the whole volume: what a crop to nonzero voxels will
 * save is not known before the voxels are read, so the estimates err on the slow and large side.
 *
 * @param grid of the volume as it was read
 * @param planeChannels values a voxel that are blended: classes, or the features before the head
 * @throws TooManyVoxelsError, UnknownOrientationError
 */
export function describeTask(
  model: SegmentationModel,
  grid: Grid,
  run: { readonly folds: number; readonly planeChannels: number; readonly otherSeconds: number },
): SegmentationTask {
  const toNetwork = composeOrientations(orient(grid, model.orientation), {
    permutation: model.transposeForward,
    flips: identityOrientation.flips,
  });
  const shape = orientVec(grid.shapeZyx, toNetwork);
  const networkShape = resampledShape(shape, orientVec(grid.spacingZyxMm, toNetwork), model.spacingMm);
  const planes = Math.min(networkShape[0], model.patch[0]);
  const blended = 4 * run.planeChannels * planes * networkShape[1] * networkShape[2];
  // The volume as int16 and its labels; the network's input as float32.
  const image = 3 * voxelCount(grid.shapeZyx) + 4 * model.channels.length * voxelCount(networkShape);
  return {
    networkShape,
    tiling: model.tiling,
    tileShapes: tileLadder(model.patch, model.tiling),
    runsPerTile: 2 ** model.mirrorAxes.length * run.folds,
    otherSeconds: run.otherSeconds,
    hostBytes: fixedHostBytes + image + blended,
  };
}

/** Tiles that a volume is divided into, as `planTiles` would, without planning them. */
export function countTiles(shape: Vec3, tileShape: Vec3, tiling: Tiling): number {
  if (tiling.kind === 'margin') return marginTiles(shape, tileShape, tiling.marginVoxels).tiles.length;
  const along = (axis: 0 | 1 | 2) =>
    tileStarts(Math.max(shape[axis], tileShape[axis]), tileShape[axis], tiling.step).length;
  return along(0) * along(1) * along(2);
}

/** Voxels of one tile as the network sees it: a margin-tiled network runs on a volume smaller than its tile as it is. */
export function tileVoxels(shape: Vec3, tileShape: Vec3, tiling: Tiling): number {
  if (tiling.kind === 'gaussian') return voxelCount(tileShape);
  return voxelCount(tileShape.map((size, axis) => Math.min(size, shape[axis])) as unknown as Vec3);
}

/** Edges of smaller tiles, as parts of the patch's. */
const ladderFractions = { margin: [1, 0.75, 0.5, 0.25], gaussian: [1, 0.75] } as const;

/**
 * The patch, then smaller tiles for devices that it does not fit on, multiples of what the network's poolings divide
 * by. A margin-tiled network gives the same labels with any of them. nnU-Net's networks normalise over the tile and
 * were trained on the patch; less than three quarters of it would be another network than the one whose fidelity was
 * measured, so there a smaller variant is the better way.
 */
export function tileLadder(patch: Vec3, tiling: Tiling): readonly Vec3[] {
  const ladder = ladderFractions[tiling.kind]
    .map((fraction) => patch.map((size) => shrink(size, fraction)) as unknown as Vec3)
    .filter((tile) => tiling.kind === 'gaussian' || tile.every((n, a) => n > 2 * tiling.marginVoxels[a]));
  const distinct = new Map(ladder.map((tile) => [tile.join(), tile]));
  return distinct.size === 0 ? [patch] : [...distinct.values()];
}

function shrink(size: number, fraction: number): number {
  const divisor = poolingDivisor(size);
  return Math.max(divisor, Math.floor((size * fraction) / divisor) * divisor);
}

/** nnU-Net halves an axis only while 4 voxels or more are left, and makes the patch divisible by that many halvings. */
function poolingDivisor(size: number): number {
  let divisor = 1;
  while (size % (2 * divisor) === 0 && 2 * divisor <= size / 4) divisor *= 2;
  return divisor;
}
