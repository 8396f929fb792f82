import { expect, test } from 'vitest';
import type { Grid } from '../../../../main/core/volume/volume.ts';
import { clampIndex, indexOfLps, lpsOfIndex, middleOfGrid } from '../../../../renderer/viewer/grid-points.ts';
import { reduceGrid, reducePlane } from '../../../../renderer/viewer/reduce-volume.ts';

/** Axes turned by 30° about z and flipped along y. */
const [sin, cos] = [0.5, Math.sqrt(0.75)];
const grid: Grid = {
  shapeZyx: [5, 7, 9],
  spacingZyxMm: [3, 2, 0.5],
  originLps: [-10, 20, 100],
  directionsZyx: [
    [0, 0, 1],
    [sin, -cos, 0],
    [cos, sin, 0],
  ],
};

test('a voxel and its point in the patient lead to each other', () => {
  const [x, y, z] = lpsOfIndex(grid, [2, 1, 4]);
  expect(x).toBeCloseTo(-10 + 2 * sin + 2 * cos, 10);
  expect(y).toBeCloseTo(20 - 2 * cos + 2 * sin, 10);
  expect(z).toBeCloseTo(106, 10);
  indexOfLps(grid, [x, y, z]).forEach((index, axis) => expect(index).toBeCloseTo([2, 1, 4][axis]!, 10));
});

test('points outside go to the closest voxel', () => {
  expect(clampIndex(grid, [-1, 3.6, 99], true)).toEqual([0, 4, 8]);
  expect(middleOfGrid(grid)).toEqual(lpsOfIndex(grid, [2, 3, 4]));
});

test('a reduced volume keeps its place: its voxels are every second one of the whole', () => {
  const reduced = reduceGrid(grid, [1, 2, 2]);
  expect(reduced.shapeZyx).toEqual([5, 4, 5]);
  expect(lpsOfIndex(reduced, [3, 2, 4])).toEqual(lpsOfIndex(grid, [3, 4, 8]));
  const plane = Int16Array.from({ length: 7 * 9 }, (_, i) => i);
  expect([...reducePlane(plane, [7, 9], [2, 2])].slice(0, 7)).toEqual([0, 2, 4, 6, 8, 18, 20]);
  expect(reducePlane(plane, [7, 9], [1, 1])).toBe(plane);
});
