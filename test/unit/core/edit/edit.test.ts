import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brushVoxels, strokePoints } from '../../../../main/core/edit/brush-voxels.ts';
import { countVoxels } from '../../../../main/core/edit/count-voxels.ts';
import { EditHistory, Stroke, writeChange } from '../../../../main/core/edit/edit-history.ts';
import { findParts, partAt, smallerParts } from '../../../../main/core/volume/find-parts.ts';
import { connectedInSlice, voxelsInPolygon } from '../../../../main/core/edit/slice-regions.ts';
import type { Vec3 } from '../../../../main/core/volume/volume.ts';

const shape: Vec3 = [4, 5, 6];
const number = (z: number, y: number, x: number) => (z * 5 + y) * 6 + x;
const whole = { start: [0, 0, 0] as Vec3, end: shape };

describe('the brush', () => {
  test('is round in millimetres, and flat in a plane', () => {
    const grid = { shapeZyx: [9, 21, 21] as Vec3, spacingZyxMm: [5, 1, 2] as Vec3 };
    const disc = brushVoxels(grid, [4, 10, 10], 4, 0);
    // x every 2 mm: 9 rows at x = 0, 7 each at ±2 mm (√12 → 3), 1 each at ±4 mm.
    expect(disc).toHaveLength(9 + 2 * 7 + 2 * 1);
    expect(new Set(disc.map((voxel) => Math.floor(voxel / 441)))).toEqual(new Set([4]));
    // 5 mm from slice to slice: a ball of 4 mm stays in its own.
    expect(brushVoxels(grid, [4, 10, 10], 4, null)).toEqual(disc);
    expect(brushVoxels(grid, [4, 10, 10], 5, null).length).toBe(
      brushVoxels(grid, [4, 10, 10], 5, 0).length + 2,
    );
  });

  test('ends at the border, and has its own voxel however small it is', () => {
    const grid = { shapeZyx: shape, spacingZyxMm: [1, 1, 1] as Vec3 };
    expect(brushVoxels(grid, [0, 0, 0], 1, null)).toEqual([
      number(0, 0, 0),
      number(0, 0, 1),
      number(0, 1, 0),
      number(1, 0, 0),
    ]);
    expect(brushVoxels(grid, [1.4, 2.4, 3.4], 0.1, null)).toEqual([number(1, 2, 3)]);
    expect(brushVoxels(grid, [-9, 2, 3], 1, null)).toEqual([]);
  });

  test('leaves no gap in a fast stroke', () => {
    const grid = { spacingZyxMm: [3, 1, 1] as Vec3 };
    const points = strokePoints(grid, [0, 0, 0], [2, 8, 0], 2);
    expect(points).toHaveLength(6);
    expect(points[0]).toEqual([0, 0, 0]);
    expect(points.at(-1)).toEqual([2, 8, 0]);
    expect(strokePoints(grid, [1, 1, 1], [1, 1, 1], 2)).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
});

describe('connected parts', () => {
  test('share faces, not edges', () => {
    const labels = new Uint8Array(4 * 5 * 6);
    for (const voxel of [
      number(0, 0, 0),
      number(0, 0, 1),
      number(1, 0, 1),
      number(1, 1, 2),
      number(3, 4, 5),
    ]) {
      labels[voxel] = 2;
    }
    labels[number(0, 1, 0)] = 1;
    const parts = findParts(labels, shape, 2, whole);
    expect(parts.sizes).toEqual([3, 1, 1]);
    expect([...smallerParts(parts, shape)]).toEqual([number(1, 1, 2), number(3, 4, 5)]);
    expect([...partAt(parts, shape, [0, 0, 1])]).toEqual([number(0, 0, 0), number(0, 0, 1), number(1, 0, 1)]);
    expect(partAt(parts, shape, [0, 1, 0])).toHaveLength(0);
    expect(partAt(parts, shape, [9, 9, 9])).toHaveLength(0);
  });

  test('do not run over from one row, plane or box to the next', () => {
    const labels = new Uint8Array(4 * 5 * 6);
    labels[number(1, 2, 5)] = labels[number(1, 3, 0)] = labels[number(2, 0, 0)] = labels[number(1, 4, 0)] = 1;
    const parts = findParts(labels, shape, 1, whole);
    expect(parts.sizes).toEqual([1, 2, 1]);
    const boxed = findParts(labels, shape, 1, { start: [1, 3, 0], end: [2, 5, 3] });
    expect(boxed.sizes).toEqual([2]);
    expect([...partAt(boxed, shape, [1, 4, 0])]).toEqual([number(1, 3, 0), number(1, 4, 0)]);
  });

  test('are all of the label, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 120, maxLength: 120, max: 1 }), (labels) => {
        const parts = findParts(labels, shape, 1, whole);
        const count = labels.reduce((sum, value) => sum + value, 0);
        expect(parts.sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
        expect(smallerParts(parts, shape).length).toBe(count - Math.max(0, ...parts.sizes));
        for (const voxel of smallerParts(parts, shape)) labels[voxel] = 0;
        expect(findParts(labels, shape, 1, whole).sizes.length).toBeLessThanOrEqual(1);
      }),
      { seed: 3, numRuns: 100 },
    );
  });
});

describe('regions of a slice', () => {
  test('a hole is filled, and nothing beyond its rim', () => {
    for (const axis of [0, 1, 2] as const) {
      const cube: Vec3 = [5, 5, 5];
      const labels = new Uint8Array(125);
      const at = (a: number, b: number) =>
        axis === 0 ? 50 + a * 5 + b : axis === 1 ? a * 25 + 10 + b : a * 25 + b * 5 + 2;
      for (let i = 1; i < 4; i++)
        for (const [a, b] of [
          [1, i],
          [3, i],
          [i, 1],
          [i, 3],
        ] as const)
          labels[at(a, b)] = 1;
      expect(connectedInSlice(labels, cube, axis, [2, 2, 2])).toEqual([62]);
      const seed = ([0, 1, 2] as const).map((each) => (each === axis ? 2 : 0)) as unknown as Vec3;
      expect(connectedInSlice(labels, cube, axis, seed)).toHaveLength(25 - 9);
    }
  });

  test('a polygon holds the voxels whose centres are in it, in the slices asked for', () => {
    const square = [
      [0.5, 0.5],
      [0.5, 3.5],
      [2.5, 3.5],
      [2.5, 0.5],
    ] as const;
    const inside = voxelsInPolygon(shape, 0, square, { from: 1, to: 3 });
    const expected = [1, 2].flatMap((z) => [1, 2].flatMap((y) => [1, 2, 3].map((x) => number(z, y, x))));
    expect(inside).toEqual(expected);
    expect(voxelsInPolygon(shape, 2, square, { from: 0, to: 1 })).toEqual(
      [1, 2].flatMap((z) => [1, 2, 3].map((y) => number(z, y, 0))),
    );
    // One that reaches outside is cut there; a line holds nothing.
    const large = square.map(([r, c]) => [r * 10 - 9, c * 10 - 9] as const);
    expect(voxelsInPolygon(shape, 0, large, { from: 0, to: 1 })).toHaveLength(30);
    expect(
      voxelsInPolygon(
        shape,
        0,
        [
          [0.5, 0],
          [0.5, 5],
        ],
        { from: 0, to: 4 },
      ),
    ).toEqual([]);
  });
});

describe('history', () => {
  const draw = (labels: Uint8Array, value: number, voxels: number[], mayChange = () => true) => {
    const stroke = new Stroke(labels, value, mayChange);
    stroke.add(voxels);
    return stroke.end();
  };

  test('undo and redo give back exactly what was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 3 }), fc.array(fc.nat({ max: 19 }), { maxLength: 8 })), {
          maxLength: 8,
        }),
        (strokes) => {
          const labels = new Uint8Array(20);
          const history = new EditHistory();
          const states = [labels.slice()];
          for (const [value, voxels] of strokes) {
            const change = draw(labels, value, voxels);
            if (!change) continue;
            history.add(change);
            states.push(labels.slice());
          }
          for (let i = states.length - 1; i >= 0; i--) {
            expect(labels).toEqual(states[i]);
            const change = history.undo();
            if (change) writeChange(labels, change, 'undo');
          }
          expect(history.isChanged).toBe(false);
          for (const state of states.slice(1)) {
            writeChange(labels, history.redo()!, 'redo');
            expect(labels).toEqual(state);
          }
          expect(history.redo()).toBeNull();
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });

  test('a stroke leaves alone what it may not change, and is nothing where nothing changed', () => {
    const labels = Uint8Array.from([0, 1, 2, 0]);
    const change = draw(labels, 3, [0, 1, 2, 3, 0], ((value: number) => value !== 2) as () => boolean);
    expect([...labels]).toEqual([3, 3, 2, 3]);
    expect([...change!.indices]).toEqual([0, 1, 3]);
    expect([...change!.before]).toEqual([0, 1, 0]);
    expect(draw(labels, 3, [0, 1])).toBeNull();
  });

  test('knows whether what is there was stored, also by undoing back to it', () => {
    const labels = new Uint8Array(4);
    const history = new EditHistory();
    history.add(draw(labels, 1, [0])!);
    expect(history.isChanged).toBe(true);
    history.markSaved();
    expect(history.isChanged).toBe(false);
    history.undo();
    expect(history.isChanged).toBe(true);
    history.redo();
    expect(history.isChanged).toBe(false);
    history.undo();
    // Another way from there: what was stored is not to be reached any more.
    history.add(draw(labels, 1, [1])!);
    history.undo();
    expect(history.isChanged).toBe(true);
    expect(history.canRedo).toBe(true);
  });

  test('forgets the oldest where there is too much, but never the last', () => {
    const labels = new Uint8Array(100);
    const history = new EditHistory(100);
    for (let i = 0; i < 5; i++)
      history.add(
        draw(
          labels,
          1,
          Array.from({ length: 10 }, (_, k) => 10 * i + k),
        )!,
      );
    expect(history.undo()).not.toBeNull();
    expect(history.undo()).not.toBeNull();
    expect(history.undo()).toBeNull();
    expect(history.isChanged).toBe(true);
    history.add(
      draw(
        labels,
        2,
        Array.from({ length: 60 }, (_, k) => k),
      )!,
    );
    expect(history.canUndo).toBe(true);
  });
});

test('voxel counts follow a change there and back', () => {
  const change = { indices: Uint32Array.of(1, 5, 9), before: Uint8Array.of(0, 2, 2), after: 3 };
  const before = new Map([[2, 10]]);
  const after = countVoxels(before, change, 'redo');
  expect(after.get(3)).toBe(3);
  expect(after.get(2)).toBe(8);
  expect(countVoxels(after, change, 'undo').get(2)).toBe(10);
});
