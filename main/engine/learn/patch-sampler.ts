import type { Crop } from '../../core/learn/augment/augment-patch.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import type { Preprocessed } from '../../core/segment/1-preprocess/preprocessed.ts';
import { padToPatch } from '../../core/segment/2-tile/pad-to-patch.ts';
import { copyBox } from '../../core/volume/copy-box.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';

/** An image that patches are drawn from, and where there is what. */
export interface SurveyedImage {
  readonly image: Preprocessed;
  /** [...image.shape], indices of classes; null where there are none. */
  readonly labels: Uint8Array | null;
  /** Voxels (d0, d1, d2) of each label, some of them. */
  readonly places: readonly (readonly Vec3[])[];
}

export interface PatchSource {
  readonly images: readonly SurveyedImage[];
  readonly channels: number;
  readonly patch: Vec3;
  /** What is read around a patch, at least the patch. */
  readonly crop: Vec3;
}

/** Part of the patches that are centred on a label (nnU-Net: a third; small organs gain by more). */
const onForeground = 0.5;
const mostTries = 20;

/**
 * The surroundings of a patch of a random image: around a voxel of a random label, or anywhere; zeros outside, as in
 * tiling.
 */
export function drawCrop(source: PatchSource, random: SeededRandom): Crop {
  for (let trial = 1; ; trial++) {
    const drawn = source.images[random.below(source.images.length)]!;
    const crop = readCrop(drawn, drawStart(drawn, source.patch, random), source);
    if (trial === mostTries || !isEmpty(crop.image)) return crop;
  }
}

/** First voxel of a patch, in the image's grid; before it where the image is smaller. */
function drawStart({ image, places }: SurveyedImage, patch: Vec3, random: SeededRandom): Vec3 {
  const { paddedShape, inside } = padToPatch(image.shape, patch);
  const last = paddedShape.map((size, axis) => size - patch[axis]!);
  const isCentred = places.length > 0 && random.next() < onForeground;
  const place = isCentred ? drawPlace(places, random) : null;
  return last.map((most, axis) => {
    const before = inside.start[axis]!;
    if (!place) return random.below(most + 1) - before;
    // Not always in the very middle: the network would learn that labels lie there.
    const centre = place[axis]! + before + Math.round(random.between(-0.25, 0.25) * patch[axis]!);
    return Math.min(most, Math.max(0, centre - (patch[axis]! >> 1))) - before;
  }) as unknown as Vec3;
}

function drawPlace(places: SurveyedImage['places'], random: SeededRandom): Vec3 {
  const label = places[random.below(places.length)]!;
  return label[random.below(label.length)]!;
}

function readCrop(
  { image: { data, shape }, labels }: SurveyedImage,
  patchStart: Vec3,
  { channels, patch, crop }: PatchSource,
): Crop {
  const start = patchStart.map(
    (at, axis) => at - Math.floor((crop[axis]! - patch[axis]!) / 2),
  ) as unknown as Vec3;
  const [from, to] = [voxelCount(shape), voxelCount(crop)];
  const image = new Float32Array(channels * to);
  for (let channel = 0; channel < channels; channel++) {
    const voxels = data.subarray(channel * from, (channel + 1) * from);
    copyBox<Float32Array>(voxels, shape, start, crop, image.subarray(channel * to, (channel + 1) * to));
  }
  if (!labels) return { image, labels, channels, shape: crop };
  const read = new Uint8Array(to);
  copyBox(labels, shape, start, crop, read);
  return { image, labels: read, channels, shape: crop };
}

/** One value everywhere: air, or nothing at all. */
function isEmpty(image: Float32Array): boolean {
  const [first] = image;
  return image.every((value) => value === first);
}
