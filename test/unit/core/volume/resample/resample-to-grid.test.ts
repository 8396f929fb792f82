import { describe, expect, it } from 'vitest';
import {
  mapIndices,
  mayOverlap,
  resampleToGridPlanes,
} from '../../../../../main/core/volume/resample/resample-to-grid.ts';
import { voxelCount, type Grid, type Vec3, type Volume } from '../../../../../main/core/volume/volume.ts';
import { axialGrid } from '../orientations.ts';

const outside = -1000;

function onto(volume: Volume, grid: Grid): Float32Array {
  const out = new Float32Array(voxelCount(grid.shapeZyx));
  const whole = { sourceShapeZyx: volume.grid.shapeZyx, targetShapeZyx: grid.shapeZyx, outside, out };
  const indexMap = mapIndices(grid, volume.grid);
  const half = grid.shapeZyx[0] >> 1;
  for (const [from, to] of [
    [0, half],
    [half, grid.shapeZyx[0]],
  ]) {
    resampleToGridPlanes({ voxels: volume.voxels, indexMap, ...whole, from, to });
  }
  return out;
}

/** A field that is linear in patient coordinates, sampled on a grid. */
function linearField(grid: Grid): Float32Array {
  const values: number[] = [];
  const [nz, ny, nx] = grid.shapeZyx;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) values.push(field(positionOf(grid, [z, y, x])));
  }
  return Float32Array.from(values);
}

function field([l, p, s]: readonly number[]): number {
  return 2 * l - 3 * p + 0.5 * s + 4;
}

function positionOf(grid: Grid, index: Vec3): number[] {
  return grid.originLps.map((origin, lps) =>
    index.reduce((sum, n, axis) => sum + n * grid.spacingZyxMm[axis] * grid.directionsZyx[axis][lps], origin),
  );
}

describe('resampleToGridPlanes', () => {
  const source = axialGrid([20, 22, 24], [2, 1.5, 1], [-10, -14, -18]);

  it('gives a volume back on its own grid', () => {
    const voxels = Int16Array.from({ length: voxelCount(source.shapeZyx) }, (_, i) => (i * 7919) % 2000);
    expect([...onto({ voxels, grid: source }, source)]).toEqual([...voxels]);
  });

  it('keeps a linear field on an oblique grid within', () => {
    const [c, s] = [Math.cos(0.4), Math.sin(0.4)];
    const target: Grid = {
      shapeZyx: [5, 6, 7],
      spacingZyxMm: [1.1, 0.9, 1.3],
      originLps: [-4, -4, 3],
      directionsZyx: [
        [0, -s, c],
        [0, c, s],
        [1, 0, 0],
      ],
    };
    const result = onto({ voxels: linearField(source), grid: source }, target);
    const expected = linearField(target);
    // Linear interpolation is exact but for float32 voxels of up to 100.
    result.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-4));
  });

  it('turns and flips axes', () => {
    const target: Grid = {
      shapeZyx: [24, 20, 22],
      spacingZyxMm: [1, 2, 1.5],
      originLps: [-10 + 23, -14, -18],
      directionsZyx: [
        [-1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
      ],
    };
    const voxels = Float32Array.from({ length: voxelCount(source.shapeZyx) }, (_, i) => (i * 31) % 977);
    const result = onto({ voxels, grid: source }, target);
    let at = 0;
    for (let x = 23; x >= 0; x--) {
      for (let z = 0; z < 20; z++) {
        for (let y = 0; y < 22; y++) expect(result[at++]).toBeCloseTo(voxels[(z * 22 + y) * 24 + x], 3);
      }
    }
  });

  it('is the outside value beyond the outermost voxels', () => {
    const target = axialGrid([1, 1, 5], [2, 1.5, 1], [-10 - 2, -14, -18]);
    const voxels = new Int16Array(voxelCount(source.shapeZyx)).fill(50);
    expect([...onto({ voxels, grid: source }, target)]).toEqual([outside, outside, 50, 50, 50]);
  });
});

describe('mayOverlap', () => {
  const a = axialGrid([10, 20, 24], [2, 2, 2]);

  it.each<[string, Grid, boolean]>([
    ['itself', a, true],
    ['a small grid inside it', axialGrid([2, 2, 2], [1, 1, 1], [9, 9, 9]), true],
    ['a large grid round it', axialGrid([90, 90, 90], [2, 2, 2], [-50, -50, -50]), true],
    ['a grid whose border voxels touch its own', axialGrid([10, 20, 24], [2, 2, 2], [48, 0, 0]), false],
    ['a grid half a voxel in', axialGrid([10, 20, 24], [2, 2, 2], [46.5, 0, 0]), true],
    ['a grid beyond it', axialGrid([10, 20, 24], [2, 2, 2], [0, 0, 21]), false],
    ['a grid on its other side', axialGrid([10, 20, 24], [2, 2, 2], [0, -41, 0]), false],
  ])('%s: both ways', (_, b, expected) => {
    expect(mayOverlap(a, b)).toBe(expected);
    expect(mayOverlap(b, a)).toBe(expected);
  });

  it('turns with the directions', () => {
    const feetFirst: Grid = { ...a, directionsZyx: [[0, 0, -1], ...a.directionsZyx.slice(1)] as never };
    expect(mayOverlap(a, feetFirst)).toBe(true);
    expect(mayOverlap(a, { ...feetFirst, originLps: [0, 0, -3] })).toBe(false);
    expect(mayOverlap(a, { ...feetFirst, originLps: [0, 0, 30] })).toBe(true);
  });
});
