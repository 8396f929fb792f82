import { describe, expect, it } from 'vitest';
import { shiftSlice } from '../../../../../main/core/dicom/pixels/shift-slice.ts';

const source = { voxels: Float32Array.of(0, 10, 20, 30, 40, 50), offset: 0, rows: 2, columns: 3 };

function shifted(shift: { y: number; x: number }, rows = 2, columns = 3): number[] {
  const voxels = new Float32Array(rows * columns + 1).fill(7);
  shiftSlice(source, { voxels, offset: 1, rows, columns }, shift, -1024);
  expect(voxels[0]).toBe(7);
  return [...voxels.subarray(1)];
}

describe('shiftSlice', () => {
  it('leaves an unshifted image as it is', () => {
    expect(shifted({ y: 0, x: 0 })).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('moves by whole pixels towards higher rows and columns', () => {
    expect(shifted({ y: 1, x: 0 }, 3)).toEqual([-1024, -1024, -1024, 0, 10, 20, 30, 40, 50]);
    expect(shifted({ y: 0, x: 1 })).toEqual([-1024, 0, 10, -1024, 30, 40]);
  });

  it('interpolates linearly, with half a pixel of the edge kept', () => {
    expect(shifted({ y: 0, x: 0.25 }, 2, 4)).toEqual([0, 7.5, 17.5, -1024, 30, 37.5, 47.5, -1024]);
    expect(shifted({ y: 0.5, x: 0 }, 3)).toEqual([0, 10, 20, 15, 25, 35, 30, 40, 50]);
  });

  it('rounds integers', () => {
    const voxels = new Int16Array(6);
    const integers = { ...source, voxels: Int16Array.of(0, 1, 2, 3, 4, 5) };
    shiftSlice(integers, { voxels, offset: 0, rows: 2, columns: 3 }, { y: 0, x: 0.25 }, -1024);
    expect([...voxels]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
