import type { Orientation } from '../../../../main/core/volume/orientation.ts';
import type { Grid, Vec3 } from '../../../../main/core/volume/volume.ts';

const permutations: readonly Vec3[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** All 48 ways to permute and flip three axes. */
export const allOrientations: readonly Orientation[] = permutations.flatMap((permutation) =>
  Array.from({ length: 8 }, (_, bits) => ({
    permutation,
    flips: [(bits & 1) !== 0, (bits & 2) !== 0, (bits & 4) !== 0] as const,
  })),
);

/** An axial stack as DICOM has it: slices towards S, rows towards P, columns towards L. */
export function axialGrid(shapeZyx: Vec3, spacingZyxMm: Vec3, originLps: Vec3 = [0, 0, 0]): Grid {
  return {
    shapeZyx,
    spacingZyxMm,
    originLps,
    directionsZyx: [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ],
  };
}
