import type { SeededRandom } from '../../random/seeded-random.ts';
import type { Vec3 } from '../../volume/volume.ts';
import { perChannel, type AugmentRecipe, type Chance, type Range } from './augment-recipe.ts';

/** What is done to one channel of a patch, in this order; null where nothing is. */
export interface ChannelChange {
  /** Standard deviations in voxels. */
  readonly blur: Vec3 | null;
  readonly shift: number | null;
  readonly brightness: number | null;
  readonly contrast: number | null;
  /** Part of the voxels that are left, along each axis. */
  readonly lowResolution: Vec3 | null;
  readonly invertedGamma: number | null;
  readonly gamma: number | null;
}

/** Where the voxels of a patch come from. */
export interface Movement {
  /** Radians about axes 0, 1, 2. */
  readonly angles: Vec3;
  readonly scales: Vec3;
}

/** What is done to one patch: first it is moved, then there is noise, then each channel is changed, then it is mirrored. */
export interface Augmentation {
  readonly movement: Movement | null;
  readonly noise: { readonly deviation: number; readonly seed: number } | null;
  readonly channels: readonly ChannelChange[];
  readonly mirrored: readonly number[];
}

/** Draws what a recipe does to the next patch. */
export function drawAugmentation(
  recipe: AugmentRecipe,
  channels: number,
  random: SeededRandom,
): Augmentation {
  const happens = ({ probability }: Chance): boolean => random.next() < probability;
  const within = ({ range }: Chance): number => random.between(...range);
  const drawEach = (chance: Chance, draw: () => number): (number | null)[] => {
    const isOn = happens(chance);
    return Array.from({ length: channels }, () => (isOn ? draw() : null));
  };
  const drawSome = (chance: Chance, draw: () => Vec3): (Vec3 | null)[] => {
    const isOn = happens(chance);
    return Array.from({ length: channels }, () => (isOn && random.next() < perChannel ? draw() : null));
  };

  const movement = drawMovement(recipe, random);
  const noise = happens(recipe.noise)
    ? { deviation: within(recipe.noise), seed: random.below(2 ** 31) }
    : null;
  const blur = drawSome(recipe.blur, () => [within(recipe.blur), within(recipe.blur), within(recipe.blur)]);
  const brightness = drawEach(recipe.brightness, () => aroundOne(recipe.brightness.range, random));
  const contrast = drawEach(recipe.contrast, () => aroundOne(recipe.contrast.range, random));
  const lowResolution = drawSome(recipe.lowResolution, () => {
    const part = within(recipe.lowResolution);
    return [recipe.inPlane ? 1 : part, part, part];
  });
  const invertedGamma = drawEach(recipe.invertedGamma, () => aroundOne(recipe.invertedGamma.range, random));
  const gamma = drawEach(recipe.gamma, () => aroundOne(recipe.gamma.range, random));
  const mayShift = recipe.shift.probability > 0;
  const shift = mayShift ? drawEach(recipe.shift, () => within(recipe.shift)) : null;
  return {
    movement,
    noise,
    channels: Array.from({ length: channels }, (_, channel) => ({
      blur: blur[channel]!,
      shift: shift?.[channel] ?? null,
      brightness: brightness[channel]!,
      contrast: contrast[channel]!,
      lowResolution: lowResolution[channel]!,
      invertedGamma: invertedGamma[channel]!,
      gamma: gamma[channel]!,
    })),
    mirrored: recipe.mirrorAxes.filter(() => random.next() < 0.5),
  };
}

function drawMovement({ rotation, scaling, inPlane }: AugmentRecipe, random: SeededRandom): Movement | null {
  const isRotated = random.next() < rotation.probability;
  const isScaled = random.next() < scaling.probability;
  if (!isRotated && !isScaled) return null;
  const angle = (): number => (isRotated ? random.between(...rotation.range) : 0);
  const angles: Vec3 = inPlane ? [angle(), 0, 0] : [angle(), angle(), angle()];
  const scale = isScaled ? random.between(...scaling.range) : 1;
  return { angles, scales: [inPlane ? 1 : scale, scale, scale] };
}

/** Below 1 as often as above, however far the range reaches (batchgeneratorsv2's BGContrast). */
function aroundOne([low, high]: Range, random: SeededRandom): number {
  return random.next() < 0.5 && low < 1 ? random.between(low, 1) : random.between(Math.max(low, 1), high);
}
