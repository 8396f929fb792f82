import { describe, expect, it } from 'vitest';
import type { Box } from '../../../../main/core/volume/box.ts';
import {
  axisLetters,
  composeOrientations,
  invertOrientation,
  orient,
  orientBox,
  orientGrid,
  UnknownOrientationError,
  type Orientation,
} from '../../../../main/core/volume/orientation.ts';
import {
  cropView,
  denseView,
  orientView,
  type StridedView,
} from '../../../../main/core/volume/strided-view.ts';
import type { Grid, Vec3 } from '../../../../main/core/volume/volume.ts';
import { allOrientations, axialGrid } from './orientations.ts';

const shape: Vec3 = [3, 4, 5];
const numbers = Float64Array.from({ length: 60 }, (_, i) => i);

/** The elements of a view in its own order. */
function elements(values: ArrayLike<number>, { offset, strides, shape }: StridedView): number[] {
  const out: number[] = [];
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        out.push(values[offset + i * strides[0] + j * strides[1] + k * strides[2]]);
      }
    }
  }
  return out;
}

/** Centre of voxel `index` (z, y, x), LPS. */
function position(grid: Grid, index: readonly number[]): number[] {
  return grid.originLps.map((origin, lps) =>
    index.reduce((sum, n, axis) => sum + n * grid.spacingZyxMm[axis] * grid.directionsZyx[axis][lps], origin),
  );
}

describe('orientations', () => {
  it('undoes every flip and permutation of the axes', () => {
    for (const orientation of allOrientations) {
      const there = orientView(denseView(shape), orientation);
      const back = orientView(there, invertOrientation(orientation));
      expect(elements(numbers, back)).toEqual([...numbers]);
      // The same with a copy between, as a labelmap goes.
      const copy = elements(numbers, there);
      expect(elements(copy, orientView(denseView(there.shape), invertOrientation(orientation)))).toEqual([
        ...numbers,
      ]);
    }
  });

  it('composes two of them into one', () => {
    for (const first of allOrientations) {
      for (const second of allOrientations) {
        const twice = orientView(orientView(denseView(shape), first), second);
        expect(orientView(denseView(shape), composeOrientations(first, second))).toEqual(twice);
      }
    }
  });

  it('crops the same voxels before and after', () => {
    const box: Box = { start: [1, 0, 2], end: [3, 3, 5] };
    for (const orientation of allOrientations) {
      const before = orientView(cropView(denseView(shape), box), orientation);
      const after = cropView(orientView(denseView(shape), orientation), orientBox(box, shape, orientation));
      expect(after).toEqual(before);
    }
  });

  it('leaves every voxel where it was in the patient', () => {
    const grid = axialGrid(shape, [5, 0.7, 0.8], [-10, 20, 30]);
    for (const orientation of allOrientations) {
      const oriented = orientGrid(grid, orientation);
      for (const index of [
        [0, 0, 0],
        [2, 1, 3],
      ]) {
        const was: number[] = [];
        orientation.permutation.forEach((axis, i) => {
          was[axis] = orientation.flips[i]
            ? shape[axis] - 1 - (index[i] % shape[axis])
            : index[i] % shape[axis];
        });
        const inside = orientation.permutation.map((axis, i) => index[i] % shape[axis]);
        const expected = position(grid, was);
        // Sums of a few products of decimals.
        position(oriented, inside).forEach((mm, lps) => expect(mm).toBeCloseTo(expected[lps], 10));
      }
    }
  });
});

describe('orient', () => {
  it('brings every grid to the asked orientation', () => {
    for (const target of ['SAR', 'LIA', 'SPL', 'RAS']) {
      for (const orientation of allOrientations) {
        const grid = orientGrid(axialGrid(shape, [1, 2, 3]), orientation);
        expect(axisLetters(orientGrid(grid, orient(grid, target)))).toBe(target);
      }
    }
  });

  it('keeps the array as it was read', () => {
    const identity: Orientation = { permutation: [0, 1, 2], flips: [false, false, false] };
    const grid = orientGrid(axialGrid(shape, [1, 1, 1]), allOrientations[29]);
    expect(orient(grid, 'as-read')).toEqual(identity);
  });

  it('names the axes of usual stacks', () => {
    expect(axisLetters(axialGrid(shape, [1, 1, 1]))).toBe('SPL');
    const sagittal: Grid['directionsZyx'] = [
      [-1, 0, 0],
      [0, 0, -1],
      [0, 1, 0],
    ];
    expect(axisLetters({ ...axialGrid(shape, [1, 1, 1]), directionsZyx: sagittal })).toBe('RIP');
  });

  it('gives an oblique axis the closest letter that is free', () => {
    const c = Math.SQRT1_2;
    // x and y both lie halfway between L and P; x is asked first, and of equals takes the first.
    const oblique: Grid['directionsZyx'] = [
      [0, 0, 1],
      [-c, c, 0],
      [c, c, 0],
    ];
    expect(axisLetters({ ...axialGrid(shape, [1, 1, 1]), directionsZyx: oblique })).toBe('SPL');
  });

  it('refuses what is no orientation', () => {
    for (const target of ['', 'SA', 'SAA', 'SAL ', 'LRS', 'xyz']) {
      expect(() => orient(axialGrid(shape, [1, 1, 1]), target)).toThrow(UnknownOrientationError);
    }
  });
});
