/** Distances between neighbouring positions. */
export function intervalsOf(positions: readonly number[]): number[] {
  return positions.slice(1).map((position, index) => position - (positions[index] ?? 0));
}

/**
 * The middle interval (the lower of two middle ones). Unlike a mean it does not move when a slice is missing; the lower
 * one, because a missing slice only ever lengthens an interval.
 */
export function medianInterval(intervals: readonly number[]): number {
  const sorted = [...intervals].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

/** From here on a slice is missing: half a slice more than the usual distance. */
export const gapFactor = 1.5;

/**
 * How far a slice may lie from its place on an even grid and still be taken as on it. Positions are often written with
 * one decimal, which moves a slice by 0.05 mm and the ends of the grid as much: 0.1 mm. A thick slice is not placed more
 * exactly than 2 %; a thin one must not be moved by a tenth of its distance.
 */
export function jitterToleranceMm(spacingMm: number): number {
  return Math.min(Math.max(0.1, 0.02 * spacingMm), 0.1 * spacingMm);
}

/**
 * Intervals that differ from the usual by more than this are refused, not resampled: up to here every point of the even
 * grid has a measured slice within 5/8 of the usual distance, where an even stack has one within 1/2.
 */
export const unevennessLimit = 0.25;

/** Equal for the purpose of telling one even run of slices from another. */
export function equalIntervals(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2 * jitterToleranceMm(Math.min(a, b));
}

/** Of any number of values, where spreading them into Math.max would overflow the stack. */
export function largestOf(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, value), -Infinity);
}

export function smallestOf(values: readonly number[]): number {
  return values.reduce((smallest, value) => Math.min(smallest, value), Infinity);
}
