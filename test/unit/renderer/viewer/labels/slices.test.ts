import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { boxesOfLabels } from '../../../../../renderer/viewer/labels/label-boxes.ts';
import { traceOutlines } from '../../../../../renderer/viewer/labels/outlines.ts';
import { paintSlice, paintTable } from '../../../../../renderer/viewer/labels/paint-table.ts';
import {
  compareSlices,
  comparison,
  sliceAxes,
  takeSlice,
  voxelOfSlice,
} from '../../../../../renderer/viewer/labels/slice.ts';

const shape: Vec3 = [3, 4, 5];
const labels = Uint8Array.from({ length: 60 }, (_, i) => (i * 7) % 256);
const all = new Uint8Array(256).fill(1);

test('a slice across each axis has the voxels that it says it has', () => {
  for (const axis of [0, 1, 2] as const) {
    const { down, across } = sliceAxes(axis);
    for (let index = 0; index < shape[axis]; index++) {
      const { width, height, values } = takeSlice(labels, shape, axis, index);
      expect([height, width]).toEqual([shape[down], shape[across]]);
      values.forEach((value, at) => {
        const [z, y, x] = voxelOfSlice(axis, index, Math.floor(at / width), at % width);
        expect(value).toBe(labels[(z * 4 + y) * 5 + x]);
      });
    }
  }
});

test('boxes hold their labels and no more', () => {
  const sparse = new Uint8Array(60);
  for (const [z, y, x] of [
    [0, 1, 2],
    [2, 1, 3],
    [1, 3, 2],
  ] as const)
    sparse[(z * 4 + y) * 5 + x] = 9;
  sparse[59] = 4;
  const boxes = boxesOfLabels(sparse, shape);
  expect([...boxes.keys()].toSorted()).toEqual([4, 9]);
  expect(boxes.get(9)!.box()).toEqual({ start: [0, 1, 2], end: [3, 4, 4] });
  expect(boxes.get(4)!.box()).toEqual({ start: [2, 3, 4], end: [3, 4, 5] });
  // A run to the end of a row is one run, also where it is a whole row.
  expect(boxesOfLabels(new Uint8Array(60).fill(1), shape).get(1)!.box()).toEqual({
    start: [0, 0, 0],
    end: shape,
  });
});

describe('outlines', () => {
  const slice = (width: number, rows: readonly number[][]) => ({
    width,
    height: rows.length,
    values: Uint8Array.from(rows.flat()),
  });

  test('a block has one piece for each side, at the border of the slice too', () => {
    const pieces = traceOutlines(
      slice(3, [
        [0, 0, 0],
        [5, 5, 0],
        [5, 5, 0],
      ]),
      all,
    );
    expect([...pieces.keys()]).toEqual([5]);
    expect(pieces.get(5)).toEqual([0, 1, 2, 1, 0, 3, 2, 3, 0, 1, 0, 3, 2, 1, 2, 3]);
  });

  test('neighbours both have their common edge, and what is hidden has none', () => {
    const two = slice(2, [[1, 2]]);
    const edge = [1, 0, 1, 1];
    const both = traceOutlines(two, all);
    for (const value of [1, 2]) expect(both.get(value)!.join()).toContain(edge.join());
    const shown = new Uint8Array(256);
    shown[2] = 1;
    const alone = traceOutlines(two, shown);
    expect(alone.has(1)).toBe(false);
    expect(alone.get(2)).toHaveLength(16);
  });

  test('are as long as the borders between voxels', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 30, max: 2 }), (values) => {
        const pieces = traceOutlines({ width: 6, height: 5, values }, all);
        const at = (x: number, y: number) => (x < 0 || y < 0 || x > 5 || y > 4 ? 0 : values[y * 6 + x]!);
        for (const value of [1, 2]) {
          let sides = 0;
          for (let y = 0; y < 5; y++) {
            for (let x = 0; x < 6; x++) {
              if (at(x, y) !== value) continue;
              for (const [dx, dy] of [
                [1, 0],
                [-1, 0],
                [0, 1],
                [0, -1],
              ] as const) {
                if (at(x + dx, y + dy) !== value) sides++;
              }
            }
          }
          const list = pieces.get(value) ?? [];
          let length = 0;
          for (let i = 0; i < list.length; i += 4) {
            length += Math.abs(list[i + 2]! - list[i]!) + Math.abs(list[i + 3]! - list[i + 1]!);
          }
          expect(length).toBe(sides);
        }
      }),
      { seed: 11, numRuns: 100 },
    );
  });
});

test('a slice is painted with the colours of what is shown, and nothing else', () => {
  const table = paintTable(
    [
      { value: 1, color: [10, 20, 30], isShown: true },
      { value: 7, color: [200, 100, 50], isShown: false },
    ],
    { opacity: 0.4, outlined: true },
  );
  const out = new Uint8ClampedArray(16);
  paintSlice(Uint8Array.of(0, 1, 7, 255), table, out);
  expect([...out]).toEqual([0, 0, 0, 0, 10, 20, 30, 102, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(table.lines[1]).toBe('rgb(10 20 30)');
  expect(table.lines[7]).toBeUndefined();
});

test('a comparison says where two agree, of all labels or of one', () => {
  const of = (...values: number[]) => ({ width: values.length, height: 1, values: Uint8Array.from(values) });
  const [first, second] = [of(0, 1, 1, 0, 2), of(0, 1, 0, 2, 1)];
  const { agree, onlyFirst, onlySecond, differ } = comparison;
  expect([...compareSlices(first, second, null).values]).toEqual([0, agree, onlyFirst, onlySecond, differ]);
  expect([...compareSlices(first, second, 1).values]).toEqual([0, agree, onlyFirst, 0, onlySecond]);
  expect([...compareSlices(first, second, 2).values]).toEqual([0, 0, 0, onlySecond, onlyFirst]);
});
