import { describe, expect, it } from 'vitest';
import { matchGrid } from '../../../../main/core/volume/match-grid.ts';
import { identityOrientation, orientGrid } from '../../../../main/core/volume/orientation.ts';
import type { Grid, Vec3 } from '../../../../main/core/volume/volume.ts';
import { allOrientations } from './orientations.ts';

const tilt = 0.01;
const grid: Grid = {
  shapeZyx: [4, 5, 6],
  spacingZyxMm: [3, 1, 0.5],
  originLps: [-120, 35, 900],
  directionsZyx: [
    [0, -Math.sin(tilt), Math.cos(tilt)],
    [0, Math.cos(tilt), Math.sin(tilt)],
    [1, 0, 0],
  ],
};

const moved = (byMm: number): Grid => ({
  ...grid,
  originLps: [grid.originLps[0], grid.originLps[1] + byMm, grid.originLps[2]],
});

describe('matchGrid', () => {
  it('finds the same voxels in every order of the axes', () => {
    for (const orientation of allOrientations) {
      const other = orientGrid(grid, orientation);
      const back = matchGrid(other, grid);
      expect(back).not.toBeNull();
      const again = orientGrid(other, back!);
      expect(again.shapeZyx).toEqual(grid.shapeZyx);
      again.originLps.forEach((mm, axis) => expect(mm).toBeCloseTo(grid.originLps[axis], 9));
    }
  });

  it('takes rounding for rounding, and a tenth of the smallest spacing for another place', () => {
    expect(matchGrid(moved(0.049), grid)).toEqual(identityOrientation);
    expect(matchGrid(moved(0.051), grid)).toBeNull();
    expect(matchGrid(moved(NaN), grid)).toBeNull();
  });

  it('knows another size, spacing and direction', () => {
    const shapeZyx: Vec3 = [4, 5, 7];
    expect(matchGrid({ ...grid, shapeZyx }, grid)).toBeNull();
    expect(matchGrid({ ...grid, spacingZyxMm: [3.1, 1, 0.5] }, grid)).toBeNull();
    const turned: Grid['directionsZyx'] = [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ];
    expect(matchGrid({ ...grid, directionsZyx: turned }, grid)).toBeNull();
  });
});
