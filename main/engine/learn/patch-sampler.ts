import type { Crop } from '../../core/learn/augment/augment-patch.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import type { Preprocessed } from '../../core/segment/1-preprocess/preprocessed.ts';
import { copyBox } from '../../core/volume/copy-box.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import { cropStart, drawStart } from './draw-start.ts';

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
    const isCentred = drawn.places.length > 0 && random.next() < onForeground;
    const place = isCentred ? drawPlace(drawn.places, random) : null;
    const crop = readCrop(drawn, drawStart(drawn.image.shape, source.patch, place, random), source);
    if (trial === mostTries || !isEmpty(crop.image)) return crop;
  }
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
  const start = cropStart(patchStart, patch, crop);
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
