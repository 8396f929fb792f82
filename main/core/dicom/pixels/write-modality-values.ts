import type { PixelLayout } from './pixel-layout.ts';
import type { StoredSamples } from './stored-samples.ts';

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Writes the modality values (stored · slope + intercept, PS3.3 C.11.1; HU for CT) of a frame to `target` from `offset`.
 * Bits outside the stored ones are dropped and the sign is extended from the highest stored bit.
 *
 * Padding is left as it is, rescaled like any pixel, as ITK and dcm2niix do: it lies below every tissue, and a made-up
 * value would differ from what the models were trained on. Returns false if a value that is not padding does not fit
 * into an integer `target`; padding that does not fit becomes the nearest value that does.
 */
export function writeModalityValues(
  samples: StoredSamples,
  layout: Pick<PixelLayout, 'signed' | 'padding'>,
  rescale: Rescale,
  target: Int16Array | Uint16Array | Float32Array,
  offset: number,
): boolean {
  const { values, bitsStored, highBit } = samples;
  const { slope, intercept } = rescale;
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  const { signed } = layout;
  if (target instanceof Float32Array) {
    for (let index = 0; index < values.length; index++) {
      const bits = values[index]! << up;
      target[offset + index] = (signed ? bits >> down : bits >>> down) * slope + intercept;
    }
    return true;
  }
  const [lowest, highest] = target instanceof Int16Array ? [-32768, 32767] : [0, 65535];
  const paddingLow = layout.padding?.low ?? Infinity;
  const paddingHigh = layout.padding?.high ?? -Infinity;
  let fits = true;
  for (let index = 0; index < values.length; index++) {
    const bits = values[index]! << up;
    const stored = signed ? bits >> down : bits >>> down;
    let value = stored * slope + intercept;
    if (value < lowest || value > highest) {
      if (stored < paddingLow || stored > paddingHigh) fits = false;
      value = value < lowest ? lowest : highest;
    }
    target[offset + index] = value;
  }
  return fits;
}
