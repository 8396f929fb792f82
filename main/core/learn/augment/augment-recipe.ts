import type { Vec3 } from '../../volume/volume.ts';

/** From, to. */
export type Range = readonly [number, number];

/** How often something is done to a patch, and how strongly. */
export interface Chance {
  readonly probability: number;
  readonly range: Range;
}

/** How patches are changed while a network learns: plain JSON, stored with what came of it. */
export interface AugmentRecipe {
  /** Radians about each axis. */
  readonly rotation: Chance;
  /** Of the voxels' size: above 1 things become smaller. The same along all axes. */
  readonly scaling: Chance;
  /** Rotates about axis 0 and scales axes 1 and 2 only, for patches with few slices (nnU-Net's dummy 2D augmentation). */
  readonly inPlane: boolean;
  /** Standard deviation, the same noise in all channels. */
  readonly noise: Chance;
  /** Standard deviation in voxels, another one for each axis. */
  readonly blur: Chance;
  /** Added to all values, in units of the normalised image. Not nnU-Net's; where it never happens nothing is drawn for it. */
  readonly shift: Chance;
  /** Factor of the values. */
  readonly brightness: Chance;
  /** Factor of the distance from the mean. */
  readonly contrast: Chance;
  /** Part of the voxels along each axis that are left. */
  readonly lowResolution: Chance;
  /** Exponent; of the negative image. */
  readonly invertedGamma: Chance;
  readonly gamma: Chance;
  /** Axes (0, 1, 2) that may be mirrored, each in half of the patches. */
  readonly mirrorAxes: readonly number[];
  /** Channels that are 0 outside of the body by their normalisation, and stay so. */
  readonly maskedChannels: readonly number[];
}

/** Part of the channels that are blurred or coarsened where a patch is. */
export const perChannel = 0.5;
/** nnU-Net's ANISO_THRESHOLD. */
const fewSlices = 3;
const never: Chance = { probability: 0, range: [1, 1] };
const radians = (degrees: number): number => (degrees / 180) * Math.PI;

/**
 * nnU-Net v2's augmentation of 3D patches, with its probabilities and ranges: nnUNetTrainer.get_training_transforms and
 * configure_rotation_dummyDA_mirroring_and_inital_patch_size, over the transforms of batchgeneratorsv2 (whose noise_variance is a
 * standard deviation).
 *
 * @param mirrorAxes nnU-Net: all; none where left and right have different labels
 */
export function nnunetAugmentation(
  patch: Vec3,
  mirrorAxes: readonly number[],
  maskedChannels: readonly number[] = [],
): AugmentRecipe {
  const inPlane = Math.max(...patch) / patch[0] > fewSlices;
  const most = radians(inPlane ? 180 : 30);
  return {
    rotation: { probability: 0.2, range: [-most, most] },
    scaling: { probability: 0.2, range: [0.7, 1.4] },
    inPlane,
    noise: { probability: 0.1, range: [0, 0.1] },
    blur: { probability: 0.2, range: [0.5, 1] },
    shift: never,
    brightness: { probability: 0.15, range: [0.75, 1.25] },
    contrast: { probability: 0.15, range: [0.75, 1.25] },
    lowResolution: { probability: 0.25, range: [0.5, 1] },
    invertedGamma: { probability: 0.1, range: [0.7, 1.5] },
    gamma: { probability: 0.3, range: [0.7, 1.5] },
    mirrorAxes,
    maskedChannels,
  };
}

/**
 * Of the same recipe what a network that was not trained so still answers well: where one network learns from another in minutes,
 * nothing is gained by what neither will see. No voxel is moved.
 */
export function mildly(recipe: AugmentRecipe): AugmentRecipe {
  return {
    ...recipe,
    rotation: never,
    scaling: never,
    mirrorAxes: [],
    noise: never,
    blur: never,
    contrast: never,
    lowResolution: never,
    invertedGamma: never,
    brightness: { probability: 0.15, range: [0.9, 1.1] },
    gamma: { probability: 0.3, range: [0.85, 1.2] },
  };
}

/** Without what changes how far apart two intensities are: in CT 100 HU are lung and not gas, whatever is around them. */
export function keepingIntensities(recipe: AugmentRecipe): AugmentRecipe {
  return { ...recipe, brightness: never, contrast: never, invertedGamma: never, gamma: never };
}

/** With a shift of up to `most` in units of the normalised image, up or down, of a share of the patches. */
export function withShift(recipe: AugmentRecipe, share: number, most: number): AugmentRecipe {
  return { ...recipe, shift: { probability: share, range: [-most, most] } };
}

/** With noise of a standard deviation up to `most` in units of the normalised image, in a share of the patches. */
export function withNoise(recipe: AugmentRecipe, share: number, most: number): AugmentRecipe {
  return { ...recipe, noise: { probability: share, range: [0, most] } };
}
