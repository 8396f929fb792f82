import type { SeededRandom } from '../../core/random/seeded-random.ts';
import { padToPatch } from '../../core/segment/2-tile/pad-to-patch.ts';
import type { Vec3 } from '../../core/volume/volume.ts';

/**
 * First voxel of a patch around a voxel of an image, or anywhere in it; below 0 where the image is smaller, by as much as it is padded
 * there at inference.
 */
export function drawStart(shape: Vec3, patch: Vec3, place: Vec3 | null, random: SeededRandom): Vec3 {
  const { paddedShape, inside } = padToPatch(shape, patch);
  return paddedShape.map((size, axis) => {
    const most = size - patch[axis]!;
    const before = inside.start[axis]!;
    if (!place) return random.below(most + 1) - before;
    // Not always in the very middle: the network would learn that labels lie there.
    const centre = place[axis]! + before + Math.round(random.between(-0.25, 0.25) * patch[axis]!);
    return Math.min(most, Math.max(0, centre - (patch[axis]! >> 1))) - before;
  }) as unknown as Vec3;
}

/** First voxel of the crop that a patch is cut from, around it. */
export function cropStart(patchStart: Vec3, patch: Vec3, crop: Vec3): Vec3 {
  return patchStart.map((at, axis) => at - Math.floor((crop[axis]! - patch[axis]!) / 2)) as unknown as Vec3;
}
