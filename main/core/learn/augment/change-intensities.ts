import { fillNormal } from '../../random/fill-normal.ts';

/** Adds the same normally distributed noise to all channels [channels, voxels], in place. */
export function addNoise(image: Float32Array, channels: number, deviation: number, seed: number): void {
  const voxels = image.length / channels;
  const noise = fillNormal(new Float32Array(voxels), seed);
  for (let from = 0; from < image.length; from += voxels) {
    for (let i = 0; i < voxels; i++) image[from + i] = image[from + i]! + deviation * noise[i]!;
  }
}

/** In place. */
export function shiftValues(values: Float32Array, by: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! + by;
}

/** In place. */
export function scaleValues(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
}

interface Statistics {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  /** Of a sample, as torch has it. */
  readonly deviation: number;
}

function statisticsOf(values: Float32Array): Statistics {
  let [low, high, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { low, high, mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/** Away from the mean or towards it, within the range that there was. In place. */
export function changeContrast(values: Float32Array, factor: number): void {
  const { low, high, mean } = statisticsOf(values);
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.min(high, Math.max(low, mean + factor * (values[i]! - mean)));
  }
}

/**
 * The range to a power, in place; lowest and highest stay where they are. Then mean and deviation are made what they were
 * (batchgeneratorsv2's GammaTransform with p_retain_stats 1, as nnU-Net has it).
 */
export function changeGamma(values: Float32Array, gamma: number): void {
  const before = statisticsOf(values);
  if (!bendRange(values, before, gamma)) return;
  const after = statisticsOf(values);
  const factor = before.deviation / Math.max(after.deviation, 1e-7);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - after.mean) * factor + before.mean;
}

/** Keeps lowest and highest; false where they are the same. */
export function bendRange(
  values: Float32Array,
  { low, high }: { readonly low: number; readonly high: number },
  gamma: number,
): boolean {
  const width = high - low;
  if (!(width > 0)) return false;
  for (let i = 0; i < values.length; i++) values[i] = low + width * ((values[i]! - low) / width) ** gamma;
  return true;
}
