import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Grid, Vec3 } from '../../../../main/core/volume/volume.ts';
import { directionLetters, edgeLetters } from '../../../../renderer/viewer/edge-letters.ts';
import { planeCamera, planeNames } from '../../../../renderer/viewer/planes.ts';
import { cross, dot, negate } from '../../../../renderer/viewer/vectors.ts';

const axes: readonly Vec3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const permutations = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

function gridOf(directionsZyx: readonly Vec3[]): Grid {
  return {
    shapeZyx: [4, 5, 6],
    spacingZyxMm: [3, 2, 1],
    originLps: [10, 20, 30],
    directionsZyx: directionsZyx as unknown as Grid['directionsZyx'],
  };
}

/** All 48 ways to lie along the patient's axes: each order, each flip. */
const alongAxes = permutations.flatMap((order) =>
  Array.from({ length: 8 }, (_, flips) =>
    order.map((axis, i) => (flips & (1 << i) ? negate(axes[axis]!) : axes[axis]!)),
  ),
);

/** Rotation of a vector about an axis of the patient. */
function turn(vector: Vec3, axis: number, degrees: number): Vec3 {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const k = axes[axis]!;
  const across = cross(k, vector);
  const part = dot(k, vector) * (1 - cos);
  return [0, 1, 2].map((i) => vector[i]! * cos + across[i]! * sin + k[i]! * part) as unknown as Vec3;
}

describe('letters on the edges', () => {
  test('are those of the radiological convention for every order and flip of the axes', () => {
    const wanted = {
      axial: { top: 'A', bottom: 'P', left: 'R', right: 'L' },
      coronal: { top: 'H', bottom: 'F', left: 'R', right: 'L' },
      sagittal: { top: 'H', bottom: 'F', left: 'A', right: 'P' },
    };
    for (const directions of alongAxes) {
      for (const plane of planeNames) {
        const { up, right, axis, normal } = planeCamera(gridOf(directions), plane);
        expect(edgeLetters(up, right)).toEqual(wanted[plane]);
        expect(Math.abs(dot(directions[axis]!, normal))).toBe(1);
      }
    }
  });

  test('name both axes of an oblique volume, the nearer one first', () => {
    const directions = [axes[2]!, axes[1]!, axes[0]!].map((axis) => turn(axis, 2, 30));
    const { up, right } = planeCamera(gridOf(directions), 'axial');
    expect(edgeLetters(up, right)).toEqual({ top: 'AL', bottom: 'PR', left: 'RA', right: 'LP' });
  });

  test('leave out what is turned by less than ten degrees', () => {
    expect(directionLetters(turn([0, 0, 1], 0, 9))).toBe('H');
    expect(directionLetters(turn([0, 0, 1], 0, 11))).toBe('HA');
  });

  test('of opposite edges are opposite, and the picture is never a mirror image', () => {
    const opposite: Readonly<Record<string, string>> = { L: 'R', R: 'L', A: 'P', P: 'A', H: 'F', F: 'H' };
    const angle = fc.integer({ min: 0, max: 359 });
    fc.assert(
      fc.property(fc.constantFrom(...alongAxes), angle, angle, angle, (directions, a, b, c) => {
        const turned = directions.map((axis) => turn(turn(turn(axis, 0, a), 1, b), 2, c));
        for (const plane of planeNames) {
          const { up, right, normal } = planeCamera(gridOf(turned), plane);
          const letters = edgeLetters(up, right);
          expect([...letters.top].map((letter) => opposite[letter]).join('')).toBe(letters.bottom);
          expect([...letters.left].map((letter) => opposite[letter]).join('')).toBe(letters.right);
          // Seen from where the normal points to, right × up is towards the viewer.
          expect(dot(cross(right, up), normal)).toBeCloseTo(1, 6);
        }
      }),
    );
  });
});
