import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadOrder } from '../../../../renderer/viewer/load-order.ts';

test('every plane is asked for once, the middle one first and alone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 40 }), (planes, block) => {
      const ranges = loadOrder(planes, block);
      const asked = ranges.flatMap(({ start, end }) =>
        Array.from({ length: end - start }, (_, i) => start + i),
      );
      expect([...asked].sort((a, b) => a - b)).toEqual(Array.from({ length: planes }, (_, i) => i));
      expect(ranges[0]).toEqual({ start: Math.floor(planes / 2), end: Math.floor(planes / 2) + 1 });
      expect(ranges.every(({ start, end }) => end - start <= block)).toBe(true);
    }),
  );
});

test('planes come from the middle outward', () => {
  expect(loadOrder(10, 4)).toEqual([
    { start: 5, end: 6 },
    { start: 6, end: 8 },
    { start: 3, end: 5 },
    { start: 8, end: 10 },
    { start: 0, end: 3 },
  ]);
  expect(loadOrder(0, 4)).toEqual([]);
});
