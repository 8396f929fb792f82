import { describe, expect, it } from 'vitest';
import { Canvas } from '../../../../main/core/report/canvas.ts';
import { choosePlanes } from '../../../../main/core/report/choose-planes.ts';
import { displayWindow } from '../../../../main/core/report/display-window.ts';
import { fillOutline } from '../../../../main/core/report/fill-outline.ts';
import { renderPlane } from '../../../../main/core/report/render-plane.ts';
import type { LabelMeasurement } from '../../../../main/core/segment/6-measure/measurement.ts';
import type { Grid, Vec3 } from '../../../../main/core/volume/volume.ts';

const L: Vec3 = [1, 0, 0];
const R: Vec3 = [-1, 0, 0];
const P: Vec3 = [0, 1, 0];
const A: Vec3 = [0, -1, 0];
const S: Vec3 = [0, 0, 1];
const I: Vec3 = [0, 0, -1];

const gridOf = (directionsZyx: Grid['directionsZyx'], shapeZyx: Vec3, spacingZyxMm: Vec3): Grid => ({
  directionsZyx,
  shapeZyx,
  spacingZyxMm,
  originLps: [-10, -20, 30],
});

const labelled = (min: Vec3, max: Vec3): LabelMeasurement => ({
  value: 1,
  name: 'x',
  voxels: 1,
  volumeMl: 1,
  meanIntensity: 0,
  sdIntensity: 0,
  boundsZyx: { min, max },
  touchesEdge: false,
});

describe('choosing planes', () => {
  it('shows an axial stack from the head down, over the labelled slices', () => {
    const grid = gridOf([S, P, L], [100, 50, 60], [2, 1, 1]);
    const choice = choosePlanes(grid, [labelled([20, 0, 0], [59, 49, 59])], 4);
    expect(choice.orientation).toEqual({ permutation: [0, 1, 2], flips: [true, false, false] });
    // Of 40 slices, the middle of each quarter: 5, 15, 25 and 35 below slice 59, which lies at 30 + 2 · 59 mm.
    expect(choice.planes.map(({ index }) => 99 - index)).toEqual([54, 44, 34, 24]);
    expect(choice.planes[0]!.caption).toBe('S 138.0 mm');
    expect(choice.leftMark).toBe('R');
    expect([choice.rows, choice.columns, choice.heightPerWidth]).toEqual([50, 60, 50 / 60]);
  });

  it('turns a head stored as L, I, A into axial pictures, anterior on top', () => {
    const { orientation, leftMark } = choosePlanes(gridOf([A, I, L], [10, 10, 10], [1, 1, 1]), [], 3);
    expect(orientation).toEqual({ permutation: [1, 0, 2], flips: [false, true, false] });
    expect(leftMark).toBe('R');
  });

  it('shows thick sagittal slices as they are, and mirrors a stack that runs to the right', () => {
    const sagittal = choosePlanes(gridOf([L, I, P], [9, 10, 10], [4, 1, 1]), [], 3);
    expect(sagittal.orientation).toEqual({ permutation: [0, 1, 2], flips: [false, false, false] });
    expect(sagittal.leftMark).toBe('A');
    const mirrored = choosePlanes(gridOf([S, A, R], [9, 10, 10], [1, 1, 1]), [], 3);
    expect(mirrored.orientation.flips).toEqual([true, true, true]);
  });

  it('cuts away what is far from any label, and keeps surroundings', () => {
    const grid = gridOf([S, P, L], [10, 100, 100], [1, 1, 1]);
    const choice = choosePlanes(grid, [labelled([0, 90, 45], [9, 99, 54])], 2);
    expect([choice.firstRow, choice.rows]).toEqual([40, 60]);
    expect([choice.firstColumn, choice.columns]).toEqual([20, 60]);
  });

  it('shows every slice where there are fewer than asked for', () => {
    expect(choosePlanes(gridOf([S, P, L], [2, 5, 5], [1, 1, 1]), [], 12).planes).toHaveLength(2);
  });
});

describe('drawing', () => {
  it('fills a square exactly, its partly covered pixels in part, and leaves a counter empty', () => {
    const canvas = new Canvas(6, 6, [0, 0, 0]);
    const outer = [0.5, 1, 5, 1, 5, 5, 0.5, 5];
    const hole = [2, 2, 2, 4, 4, 4, 4, 2];
    fillOutline(canvas, [outer, hole], [200, 100, 50]);
    const red = (x: number, y: number) => canvas.rgba[(y * 6 + x) * 4];
    expect([red(1, 1), red(0, 1), red(2, 2), red(5, 5), red(4, 4)]).toEqual([200, 100, 0, 0, 200]);
  });

  it('draws grey by the window, labels over it, and their borders in full', () => {
    const values = Int16Array.from({ length: 64 }, () => 50);
    const labels = new Uint8Array(64);
    for (const at of [27, 28, 35, 36]) labels[at] = 3;
    const plane = { offset: 0, rowStride: 8, columnStride: 1 };
    const { rgba } = renderPlane(
      { values, ...plane },
      { values: labels, ...plane },
      {
        rows: 8,
        columns: 8,
        window: [0, 100],
        colors: new Map([[3, [255, 0, 0]]]),
        width: 8,
        height: 8,
      },
    );
    const pixel = (at: number) => [...rgba.subarray(at * 4, at * 4 + 3)];
    expect(pixel(0)).toEqual([128, 128, 128]);
    // 128 + (255 − 128) · 0.9 at the border, · 0.34 inside; green 128 · 0.1 and · 0.66.
    expect(pixel(27)).toEqual([242, 13, 13]);
    expect(pixel(36)).toEqual([171, 84, 84]);
  });

  it('takes the window of MR from what is shown', () => {
    const values = Float32Array.from({ length: 400 }, (_, index) => (index === 0 ? 1e9 : index));
    const plane = { values, offset: 0, rowStride: 20, columnStride: 1 };
    const [black, white] = displayWindow([plane], { rows: 20, columns: 20 }, 'MR');
    expect(black).toBeLessThan(20);
    expect(white).toBeLessThan(400);
    expect(displayWindow([plane], { rows: 20, columns: 20 }, 'CT')).toEqual([-750, 450]);
  });
});
