import type { SeededRandom } from '../../random/seeded-random.ts';
import { voxelCount, type Vec3 } from '../../volume/volume.ts';
import type { AugmentRecipe } from './augment-recipe.ts';
import { blur } from './blur.ts';
import { addNoise, changeContrast, changeGamma, scaleValues, shiftValues } from './change-intensities.ts';
import { drawAugmentation, type Augmentation, type ChannelChange } from './draw-augmentation.ts';
import { lowerResolution } from './lower-resolution.ts';
import { mirrorPatch } from './mirror-patch.ts';
import { cutLabels, cutPatch, rotationMatrix, type Placement } from './move-patch.ts';

/** A part of a normalised image, larger than the patch so that the patch can be turned in it (`cropShape`). */
export interface Crop {
  /** [channels, ...shape] */
  readonly image: Float32Array;
  /** [...shape], indices of classes; null where there are none. */
  readonly labels: Uint8Array | null;
  readonly channels: number;
  readonly shape: Vec3;
}

export interface AugmentedPatch {
  /** [channels, ...patch] */
  readonly image: Float32Array;
  /** [...patch] */
  readonly labels: Uint8Array | null;
}

/**
 * The patch in the middle of a crop, changed as a recipe says. The crop stays as it is. Beyond its border there are zeros,
 * and background.
 *
 * @param random that the draws come from: the same state gives the same patch
 */
export function augmentPatch(
  crop: Crop,
  patch: Vec3,
  recipe: AugmentRecipe,
  random: SeededRandom,
): AugmentedPatch {
  return applyAugmentation(
    crop,
    patch,
    drawAugmentation(recipe, crop.channels, random),
    recipe.maskedChannels,
  );
}

/** As `augmentPatch`, with what was drawn. */
export function applyAugmentation(
  { image, labels, channels, shape }: Crop,
  patch: Vec3,
  { movement, noise, channels: changes, mirrored }: Augmentation,
  maskedChannels: AugmentRecipe['maskedChannels'] = [],
): AugmentedPatch {
  const placement: Placement = { shape, patch, matrix: movement && rotationMatrix(movement) };
  const cut = cutPatch(image, channels, placement);
  const voxels = voxelCount(patch);
  const channelOf = (channel: number): Float32Array => cut.subarray(channel * voxels, (channel + 1) * voxels);
  const outside = maskedChannels.length > 0 ? emptyVoxels(cut, channels) : null;
  if (noise) addNoise(cut, channels, noise.deviation, noise.seed);
  changes.forEach((change, channel) => changeChannel(channelOf(channel), patch, change));
  if (outside) {
    for (const channel of maskedChannels) {
      const values = channelOf(channel);
      for (let i = 0; i < voxels; i++) if (outside[i] === 1) values[i] = 0;
    }
  }
  return {
    image: mirrorPatch(cut, patch, mirrored),
    labels: labels && mirrorPatch(cutLabels(labels, placement), patch, mirrored),
  };
}

function changeChannel(values: Float32Array, patch: Vec3, change: ChannelChange): void {
  if (change.blur) blur(values, patch, change.blur);
  if (change.shift !== null) shiftValues(values, change.shift);
  if (change.brightness !== null) scaleValues(values, change.brightness);
  if (change.contrast !== null) changeContrast(values, change.contrast);
  if (change.lowResolution) lowerResolution(values, patch, change.lowResolution);
  if (change.invertedGamma !== null) {
    scaleValues(values, -1);
    changeGamma(values, change.invertedGamma);
    scaleValues(values, -1);
  }
  if (change.gamma !== null) changeGamma(values, change.gamma);
}

/** 1 where every channel is 0. */
function emptyVoxels(image: Float32Array, channels: number): Uint8Array {
  const voxels = image.length / channels;
  const empty = new Uint8Array(voxels).fill(1);
  for (let i = 0; i < image.length; i++) if (image[i] !== 0) empty[i % voxels] = 0;
  return empty;
}
