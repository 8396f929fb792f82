import type { Normalization } from '../../model/segmentation-model.ts';
import { standardDeviation, type Moments } from '../../volume/moments.ts';

/**
 * What normalisation does to a voxel: (clip(v, lower, upper) − subtract) / divide, in float32 as nnU-Net does it.
 */
export interface IntensityMap {
  readonly lower: number;
  readonly upper: number;
  readonly subtract: number;
  readonly divide: number;
}

export const identityMap: IntensityMap = { lower: -Infinity, upper: Infinity, subtract: 0, divide: 1 };

/** What has to be known of a channel's (cropped) voxels before they can be normalised. */
export type NeededStatistics =
  | { readonly kind: 'none' }
  | { readonly kind: 'moments'; readonly masked: boolean }
  | { readonly kind: 'quantiles'; readonly low: number; readonly high: number };

export function neededStatistics(normalization: Normalization): NeededStatistics {
  switch (normalization.kind) {
    case 'ct':
    case 'none':
    case 'rgb-to-01':
      return { kind: 'none' };
    case 'zscore':
      return { kind: 'moments', masked: normalization.useMask };
    case 'min-max':
      return { kind: 'moments', masked: false };
    case 'quantile':
      return { kind: 'quantiles', low: normalization.low, high: normalization.high };
  }
}

/** A difference is divided by at least this (nnU-Net; a constant image must not become NaN). */
const SMALLEST_DIVISOR = 1e-8;

/**
 * nnU-Net's `default_normalization_schemes` as one map; `statistics` is what `neededStatistics` asks for.
 */
export function intensityMap(
  normalization: Normalization,
  statistics: Moments | { readonly low: number; readonly high: number } | null,
): IntensityMap {
  switch (normalization.kind) {
    case 'ct': {
      const { lower, upper, mean, std } = normalization;
      return { lower, upper, subtract: mean, divide: Math.max(std, SMALLEST_DIVISOR) };
    }
    case 'none':
      return identityMap;
    case 'rgb-to-01':
      return { ...identityMap, divide: 255 };
    case 'zscore': {
      const moments = statistics as Moments;
      const divide = Math.max(standardDeviation(moments), SMALLEST_DIVISOR);
      return { ...identityMap, subtract: moments.mean, divide };
    }
    case 'min-max': {
      const { min, max } = statistics as Moments;
      return { ...identityMap, subtract: min, divide: Math.max(max - min, SMALLEST_DIVISOR) };
    }
    case 'quantile': {
      const { low, high } = statistics as { low: number; high: number };
      return { ...identityMap, subtract: low, divide: Math.max(high - low, SMALLEST_DIVISOR) };
    }
  }
}
