/** Count, mean, sum of squared deviations and range of some numbers; two of them can be merged. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Σ (v − mean)². */
  readonly squares: number;
  readonly min: number;
  readonly max: number;
}

export const noMoments: Moments = { count: 0, mean: 0, squares: 0, min: Infinity, max: -Infinity };

/**
 * Moments of the union (Chan, Golub, LeVeque 1979): exact in the algebra and free of the cancellation of
 * Σv² − (Σv)²/n over a whole volume.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (delta * b.count) / count,
    squares: a.squares + b.squares + (delta * delta * a.count * b.count) / count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/** Population standard deviation; 0 for no numbers. */
export function standardDeviation({ count, squares }: Moments): number {
  return count === 0 ? 0 : Math.sqrt(Math.max(0, squares) / count);
}
