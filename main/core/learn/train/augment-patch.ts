import type { SeededRandom } from '../../random/seeded-random.ts';
import type { Vec3 } from '../../volume/volume.ts';

/**
 * nnU-Net's intensity augmentations (nnUNetTrainer.get_training_transforms: GaussianNoise, MultiplicativeBrightness, Contrast, Gamma, each
 * with its probability and range) on a normalised patch, in place, each channel by itself. Nothing is moved, so that labels stay as they are.
 *
 * @param patch channels, d0, d1, d2
 */
export function augmentIntensities(patch: Float32Array, channels: number, random: SeededRandom): void {
  const voxels = patch.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const values = patch.subarray(channel * voxels, (channel + 1) * voxels);
    if (random.next() < 0.1) addNoise(values, Math.sqrt(random.between(0, 0.1)), random);
    if (random.next() < 0.15) scale(values, random.between(0.75, 1.25));
    if (random.next() < 0.15) changeContrast(values, random.between(0.75, 1.25));
    if (random.next() < 0.3) changeGamma(values, random.between(0.7, 1.5));
  }
}

function addNoise(values: Float32Array, deviation: number, random: SeededRandom): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! + deviation * random.normal();
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

function rangeOf(values: Float32Array): Range {
  let [low, high, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  return { low, high, mean: sum / values.length };
}

/** Away from the mean or towards it, within the range that there was. */
function changeContrast(values: Float32Array, factor: number): void {
  const { low, high, mean } = rangeOf(values);
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.min(high, Math.max(low, mean + factor * (values[i]! - mean)));
  }
}

/** Keeps the range. */
function changeGamma(values: Float32Array, gamma: number): void {
  const { low, high } = rangeOf(values);
  const width = high - low;
  if (!(width > 0)) return;
  for (let i = 0; i < values.length; i++) values[i] = low + width * ((values[i]! - low) / width) ** gamma;
}

/** Mirrors a patch along the given axes (0, 1, 2), out of place. `patch`: channels, d0, d1, d2. */
export function mirrorPatch(patch: Float32Array, [d0, d1, d2]: Vec3, axes: readonly number[]): Float32Array {
  if (axes.length === 0) return patch;
  const mirrored = new Float32Array(patch.length);
  const [flip0, flip1, flip2] = [0, 1, 2].map((axis) => axes.includes(axis));
  const voxels = d0 * d1 * d2;
  for (let from = 0; from < patch.length; from += voxels) {
    for (let z = 0; z < d0; z++) {
      for (let y = 0; y < d1; y++) {
        const row = from + ((flip0 ? d0 - 1 - z : z) * d1 + (flip1 ? d1 - 1 - y : y)) * d2;
        const to = from + (z * d1 + y) * d2;
        for (let x = 0; x < d2; x++) mirrored[to + x] = patch[row + (flip2 ? d2 - 1 - x : x)]!;
      }
    }
  }
  return mirrored;
}
