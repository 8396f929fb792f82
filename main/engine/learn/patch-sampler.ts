import { SeededRandom } from '../../core/random/seeded-random.ts';
import { readTile } from '../../core/segment/2-tile/read-tile.ts';
import { planTiles } from '../../core/segment/2-tile/plan-tiles.ts';
import type { Preprocessed } from '../../core/segment/1-preprocess/preprocessed.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';

/** An image that patches are drawn from, and where the full network found what. */
export interface SurveyedImage {
  readonly image: Preprocessed;
  /** Voxels (d0, d1, d2) of each label, some of them. */
  readonly places: readonly (readonly Vec3[])[];
}

export interface PatchSource {
  readonly images: readonly SurveyedImage[];
  readonly channels: number;
  readonly patch: Vec3;
}

/** Part of the patches that are centred on a label (nnU-Net: a third; small organs gain by more). */
const onForeground = 0.5;
const mostTries = 20;

/**
 * A patch [channels, ...patch] of a random image: around a voxel of a random label, or anywhere; zeros outside, as in
 * tiling.
 */
export function drawPatch({ images, channels, patch }: PatchSource, random: SeededRandom): Float32Array {
  const into = new Float32Array(channels * voxelCount(patch));
  for (let trial = 0; trial < mostTries; trial++) {
    const { image, places } = images[random.below(images.length)]!;
    const plan = planTiles({ patch, tiling: { kind: 'gaussian', step: 1 } }, image.shape);
    const isCentred = places.length > 0 && random.next() < onForeground;
    const start = isCentred
      ? startAround(places, plan.paddedShape, patch, plan.inside.start, random)
      : (plan.paddedShape.map((size, axis) => random.below(size - patch[axis]! + 1)) as unknown as Vec3);
    readTile(image.data, channels, image.shape, plan, start, [], into);
    if (!isEmpty(into)) return into;
  }
  return into;
}

function startAround(
  places: SurveyedImage['places'],
  paddedShape: Vec3,
  patch: Vec3,
  inside: Vec3,
  random: SeededRandom,
): Vec3 {
  const label = places[random.below(places.length)]!;
  const place = label[random.below(label.length)]!;
  return place.map((at, axis) => {
    const size = patch[axis]!;
    // Not always in the very middle: the network would learn that labels lie there.
    const centre = at + inside[axis]! + Math.round(random.between(-0.25, 0.25) * size);
    return Math.min(paddedShape[axis]! - size, Math.max(0, centre - (size >> 1)));
  }) as unknown as Vec3;
}

/** One value everywhere: air, or nothing at all. */
function isEmpty(patch: Float32Array): boolean {
  const [first] = patch;
  return patch.every((value) => value === first);
}
