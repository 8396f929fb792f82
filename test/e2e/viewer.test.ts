import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { readSlices, type Slices } from '../fixtures/read-slices.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';
import {
  axisOf,
  crosshairAt,
  lettersOf,
  moveTo,
  openVolume,
  photograph,
  planes,
  readCanvas,
  type Plane,
} from './viewer-page.ts';

const bundled = join(root, 'resources', 'study');
const lidc = join(root, '..', 'shared', 'data', 'ct', 'lidc-chest');

/** Which array axes go right and down on the screen, and which way, for an axial stack whose z rises (LPS). */
const screenAxes: Readonly<
  Record<Plane, { readonly right: number; readonly down: number; readonly downSign: number }>
> = {
  axial: { right: 2, down: 1, downSign: 1 },
  coronal: { right: 2, down: 0, downSign: -1 },
  sagittal: { right: 1, down: 0, downSign: -1 },
};
const planeAlong = ['axial', 'coronal', 'sagittal'] as const;

interface Spread {
  readonly meanDifference: number;
  /** Of pixels that differ by more than `tolerance` allows them. */
  readonly wrong: number;
  /** How many of the pixels were neither black nor white: others would hide a wrong place. */
  readonly grey: number;
}

/**
 * In grey levels of 255. Three: the card holds colours in 8 bits and a colour table. Beside an edge a pixel may lie a
 * little off, in the plane and across it: 0.06 of a voxel, since cards interpolate in steps of 1/256, rays are followed
 * in float32 and a canvas has whole pixels where its element may not.
 */
const tolerance = { levels: 3, voxels: 0.06, mean: 1 };

/**
 * Compares every few pixels of a plane's canvas with the voxels under them, interpolated and windowed here. What lies
 * under a pixel follows from where the crosshair is drawn for two voxels; where those are is said by the sliders.
 */
async function comparePlane(
  page: Page,
  plane: Plane,
  slices: Slices,
  at: readonly number[],
): Promise<Spread> {
  const { right, down, downSign } = screenAxes[plane];
  const place = async (index: readonly number[]) => {
    for (const axis of [0, 1, 2]) await moveTo(page, planeAlong[axis]!, index[axis]!);
    return crosshairAt(page, plane);
  };
  const other = at.map((index, axis) => (axis === axisOf[plane] ? index : index + 20));
  const [x1, y1] = await place(other);
  const [x0, y0] = await place(at);
  const [perColumn, perRow] = [(x1 - x0) / 20, (y1 - y0) / 20];
  expect(perColumn).toBeGreaterThan(0);
  expect(Math.sign(perRow)).toBe(downSign);
  const { width, height, ratio, grey } = await readCanvas(page, plane);
  let [compared, sum, wrong, greys] = [0, 0, 0, 0];
  for (let y = 4; y < height; y += 7) {
    for (let x = 4; x < width; x += 7) {
      const index = [...at];
      index[right] = at[right]! + ((x + 0.5) / ratio - x0) / perColumn;
      index[down] = at[down]! + ((y + 0.5) / ratio - y0) / perRow;
      const under = interpolate(slices, index, right, down);
      if (under === null) continue;
      const wanted = Math.min(255, Math.max(0, (255 * (under.value - (40 - 200))) / 400));
      const difference = Math.abs(grey[y * width + x]! - wanted);
      compared++;
      sum += difference;
      if (wanted > 20 && wanted < 235) greys++;
      if (difference > tolerance.levels + (tolerance.voxels * 255 * under.range) / 400) wrong++;
    }
  }
  return { meanDifference: sum / compared, wrong, grey: greys };
}

/** Bilinear, in the plane of two array axes, and how far the voxels around are apart; null at the rim and outside. */
function interpolate(
  { shapeZyx, voxels }: Slices,
  index: readonly number[],
  a: number,
  b: number,
): { readonly value: number; readonly range: number } | null {
  if ([a, b].some((axis) => index[axis]! < 1 || index[axis]! > shapeZyx[axis]! - 2)) return null;
  const normal = 3 - a - b;
  const corners = (plane: number): number[] =>
    [0, 1, 2, 3].map((corner) => {
      const voxel = [...index];
      voxel[a] = Math.floor(index[a]!) + (corner >> 1);
      voxel[b] = Math.floor(index[b]!) + (corner & 1);
      voxel[normal] = index[normal]! + plane;
      return voxels[(voxel[0]! * shapeZyx[1] + voxel[1]!) * shapeZyx[2] + voxel[2]!]!;
    });
  const [c00, c01, c10, c11] = corners(0) as [number, number, number, number];
  const around = [c00, c01, c10, c11, ...corners(-1), ...corners(1)];
  const [u, v] = [index[a]! % 1, index[b]! % 1];
  return {
    value: (1 - u) * ((1 - v) * c00 + v * c01) + u * ((1 - v) * c10 + v * c11),
    range: Math.max(...around) - Math.min(...around),
  };
}

describeApp('the viewer', () => {
  describe.each([
    ['the bundled study', bundled, [20, 80, 100]],
    ['lidc-chest', lidc, [60, 250, 200]],
  ] as const)('%s', (_name, folder, at) => {
    test.skipIf(!existsSync(folder))(
      'shows the voxels that the files hold, in all three planes',
      async () => {
        const { app, page, complaints } = await launchApp({ args: [folder] });
        await openVolume(page);
        const slices = readSlices(folder);
        for (const plane of planes) {
          const { meanDifference, wrong, grey } = await comparePlane(page, plane, slices, at);
          expect(grey, `${plane}: too little to compare`).toBeGreaterThan(200);
          expect(meanDifference, plane).toBeLessThan(tolerance.mean);
          expect(wrong, plane).toBe(0);
        }
        expect(await lettersOf(page, 'axial')).toEqual(['A', 'P', 'R', 'L']);
        await photograph(app, page, folder === lidc ? 'viewer-lidc' : 'viewer');
        expect(complaints).toEqual([]);
      },
    );
  });
});
