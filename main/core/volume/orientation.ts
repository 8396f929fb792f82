import type { Box } from './box.ts';
import type { Grid, Vec3 } from './volume.ts';

/** How array axes are rearranged: new axis i is old axis `permutation[i]`, run backwards where `flips[i]`. */
export interface Orientation {
  readonly permutation: Vec3;
  readonly flips: readonly [boolean, boolean, boolean];
}

export const identityOrientation: Orientation = { permutation: [0, 1, 2], flips: [false, false, false] };

/** A letter for the positive and the negative direction of each LPS axis. */
const lettersLps = ['LR', 'PA', 'SI'] as const;

/** An orientation that is not three letters, one of each pair L/R, P/A, S/I. */
export class UnknownOrientationError extends Error {
  constructor(letters: string) {
    super(`"${letters}" is not an orientation: three letters are needed, one each of L/R, P/A and S/I.`);
    this.name = 'UnknownOrientationError';
  }
}

/**
 * The patient direction in which the index of each array axis (z, y, x) grows, one letter each: `SPL` for the
 * usual axial stack. Every letter pair is used once. An oblique axis gets the closest free patient axis, taking x,
 * then y, then z, as nibabel's `io_orientation` does for a NIfTI file's i, j, k. (`directionsZyx` are orthonormal,
 * so the polar decomposition that nibabel applies first has nothing to do.)
 */
export function axisLetters(grid: Grid): string {
  const letters = ['', '', ''];
  const free = [true, true, true];
  for (const axis of [2, 1, 0] as const) {
    const direction = grid.directionsZyx[axis];
    // Ties go to the first in R, A, S order, which is also L, P, S order.
    let closest = free.indexOf(true);
    for (let lps = closest + 1; lps < 3; lps++) {
      if (free[lps] && Math.abs(direction[lps]) > Math.abs(direction[closest])) closest = lps;
    }
    free[closest] = false;
    letters[axis] = lettersLps[closest][direction[closest] < 0 ? 1 : 0];
  }
  return letters.join('');
}

/**
 * How the array of `grid` has to be rearranged so that its axes grow towards `target`: one letter per array axis,
 * slowest first (`SAR` is nibabel's closest canonical RAS, transposed to z, y, x), or `as-read` for no change.
 *
 * @throws UnknownOrientationError
 */
export function orient(grid: Grid, target: string): Orientation {
  if (target === 'as-read') return identityOrientation;
  const from = [...axisLetters(grid)];
  const pair = (letter: string) => lettersLps.findIndex((letters) => letters.includes(letter));
  const wanted = [...target];
  if (wanted.length !== 3 || [0, 1, 2].some((p) => !wanted.some((letter) => pair(letter) === p))) {
    throw new UnknownOrientationError(target);
  }
  const permutation = wanted.map((letter) => from.findIndex((other) => pair(other) === pair(letter)));
  const flips = wanted.map((letter, i) => from[permutation[i]] !== letter);
  return {
    permutation: permutation as unknown as Vec3,
    flips: flips as unknown as Orientation['flips'],
  };
}

/** `first`, then `second`, as one rearrangement. */
export function composeOrientations(first: Orientation, second: Orientation): Orientation {
  const permutation = second.permutation.map((axis) => first.permutation[axis]);
  const flips = second.permutation.map((axis, i) => first.flips[axis] !== second.flips[i]);
  return {
    permutation: permutation as unknown as Vec3,
    flips: flips as unknown as Orientation['flips'],
  };
}

/** The rearrangement that undoes `orientation`. */
export function invertOrientation({ permutation, flips }: Orientation): Orientation {
  const back = [0, 1, 2].map((axis) => permutation.indexOf(axis));
  return {
    permutation: back as unknown as Vec3,
    flips: back.map((axis) => flips[axis]) as unknown as Orientation['flips'],
  };
}

/** The triple of per-axis values (shape, spacing) after the rearrangement. */
export function orientVec(values: Vec3, { permutation }: Orientation): Vec3 {
  return [values[permutation[0]], values[permutation[1]], values[permutation[2]]];
}

/** A box of voxels of an array with `shape` (before), as a box of the rearranged array. */
export function orientBox(box: Box, shape: Vec3, { permutation, flips }: Orientation): Box {
  const start = permutation.map((axis, i) => (flips[i] ? shape[axis] - box.end[axis] : box.start[axis]));
  const end = permutation.map((axis, i) => (flips[i] ? shape[axis] - box.start[axis] : box.end[axis]));
  return { start: start as unknown as Vec3, end: end as unknown as Vec3 };
}

/** The grid of the rearranged array: the same voxels at the same places in the patient. */
export function orientGrid(grid: Grid, orientation: Orientation): Grid {
  const { permutation, flips } = orientation;
  const origin = [...grid.originLps];
  const directions = permutation.map((axis, i) => {
    const direction = grid.directionsZyx[axis];
    if (!flips[i]) return direction;
    const length = (grid.shapeZyx[axis] - 1) * grid.spacingZyxMm[axis];
    direction.forEach((component, lps) => (origin[lps] = origin[lps] + component * length));
    return direction.map((component) => -component) as unknown as Vec3;
  });
  return {
    shapeZyx: orientVec(grid.shapeZyx, orientation),
    spacingZyxMm: orientVec(grid.spacingZyxMm, orientation),
    originLps: origin as unknown as Vec3,
    directionsZyx: directions as unknown as Grid['directionsZyx'],
  };
}
