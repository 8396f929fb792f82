import { augmentPatch } from '../../core/learn/augment/augment-patch.ts';
import {
  keepingIntensities,
  nnunetAugmentation,
  withNoise,
  withShift,
  type AugmentRecipe,
} from '../../core/learn/augment/augment-recipe.ts';
import { cropShape } from '../../core/learn/augment/crop-shape.ts';
import { recastLabel, type Recast } from '../../core/learn/augment/recast-label.ts';
import type { TrainRecipe } from '../../core/learn/recipe/train-recipe.ts';
import type { Normalization } from '../../core/model/segmentation-model.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import { copyBox } from '../../core/volume/copy-box.ts';
import { voxelAt, voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import { cropStart, drawStart } from './draw-start.ts';
import type { LabelledImage } from './train-images.ts';

export interface LabelledSource {
  readonly images: readonly LabelledImage[];
  /** Of each image: indices of voxels of each label that patches are centred on; labels that it has none of left out. */
  readonly places: readonly (readonly Uint32Array[])[];
  readonly training: TrainRecipe['training'];
  readonly normalization: Normalization;
  /** `training.recast` by values of labels and in units of the images. */
  readonly recasts: readonly Recast[];
}

export interface LabelledBatch {
  /** [batch, 1, ...patch] */
  readonly image: Float32Array;
  readonly labels: Float32Array;
}

/** Patches of random images, augmented: around a voxel of a label that the recipe names, or anywhere. */
export function drawBatch(
  source: LabelledSource,
  patch: Vec3,
  batch: number,
  random: SeededRandom,
): LabelledBatch {
  const voxels = voxelCount(patch);
  const image = new Float32Array(batch * voxels);
  const labels = new Float32Array(batch * voxels);
  for (let entry = 0; entry < batch; entry++) {
    const drawn = drawLabelled(source, patch, random);
    image.set(drawn.image, entry * voxels);
    labels.set(drawn.labels, entry * voxels);
  }
  return { image, labels };
}

interface LabelledPatch {
  readonly image: Float32Array;
  readonly labels: Uint8Array;
}

function drawLabelled(
  { images, places, training, normalization, recasts }: LabelledSource,
  patch: Vec3,
  random: SeededRandom,
): LabelledPatch {
  const at = random.below(images.length);
  const image = images[at]!;
  const isCentred = places[at]!.length > 0 && random.next() < training.oversample.share;
  const place = isCentred ? drawPlace(image, places[at]!, random) : null;
  const start = drawStart(image.shape, patch, place, random);
  const augmentation = augmentationOf(training, patch, normalization);
  const drawn = cut(image, start, patch, { augmentation, recasts }, random);
  clip(drawn.image, normalization);
  const { shortStacks } = training;
  if (shortStacks && random.next() < shortStacks.share) shorten(drawn, patch, shortStacks.slices, random);
  return drawn;
}

function augmentationOf(
  { augment, mirrorAxes, scaleIntensities, intensityShift, noise }: TrainRecipe['training'],
  patch: Vec3,
  normalization: Normalization,
): AugmentRecipe | null {
  if (!augment) return null;
  const unit = normalization.kind === 'ct' ? normalization.std : 1;
  const all = nnunetAugmentation(patch, mirrorAxes);
  let recipe = scaleIntensities ? all : keepingIntensities(all);
  if (intensityShift) recipe = withShift(recipe, intensityShift.share, intensityShift.most / unit);
  return noise ? withNoise(recipe, noise.share, noise.most / unit) : recipe;
}

function drawPlace({ shape }: LabelledImage, places: readonly Uint32Array[], random: SeededRandom): Vec3 {
  const label = places[random.below(places.length)]!;
  return voxelAt(label[random.below(label.length)]!, shape);
}

interface Changes extends Pick<LabelledSource, 'recasts'> {
  readonly augmentation: AugmentRecipe | null;
}

function cut(
  { data, labels, shape }: LabelledImage,
  patchStart: Vec3,
  patch: Vec3,
  { augmentation, recasts }: Changes,
  random: SeededRandom,
): LabelledPatch {
  const size = augmentation ? cropShape(patch, augmentation) : patch;
  const start = cropStart(patchStart, patch, size);
  const image = new Float32Array(voxelCount(size));
  copyBox<Float32Array>(data, shape, start, size, image);
  // Background beyond the image, as the image is 0 there.
  const drawn = new Uint8Array(voxelCount(size));
  copyBox<Uint8Array>(labels, shape, start, size, drawn);
  const recast = recasts.find(({ share }) => random.next() < share);
  if (recast) recastLabel(image, drawn, recast);
  const crop = { image, labels: drawn, channels: 1, shape: size };
  if (!augmentation) return { image, labels: crop.labels };
  const changed = augmentPatch(crop, patch, augmentation, random);
  return { image: changed.image, labels: changed.labels! };
}

/** Leaves some slices of a patch, padded as few slices are at inference. */
function shorten(
  { image, labels }: LabelledPatch,
  [depth, rows, columns]: Vec3,
  [fewest, most]: readonly [number, number],
  random: SeededRandom,
): void {
  const left = Math.min(depth, fewest + random.below(Math.max(1, most - fewest + 1)));
  const first = (depth - left) >> 1;
  for (const each of [image, labels]) {
    each.fill(0, 0, first * rows * columns);
    each.fill(0, (first + left) * rows * columns);
  }
}

/** As images are before they are scaled: noise and shifts of the air around a body are cut off, too. In place. */
function clip(image: Float32Array, normalization: Normalization): void {
  if (normalization.kind !== 'ct') return;
  const { lower, upper, mean, std } = normalization;
  const [least, most] = [(lower - mean) / std, (upper - mean) / std];
  for (let i = 0; i < image.length; i++) image[i] = Math.min(most, Math.max(least, image[i]!));
}
