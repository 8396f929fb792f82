import { expect, test } from 'vitest';
import { spreadPlaces } from '../../../../../main/core/learn/labels/spread-places.ts';

const labels = Uint8Array.from({ length: 120 }, (_, i) => (i < 60 ? 0 : i < 70 ? 9 : 3));

test('places are those of their label, by the order that was asked for', () => {
  const places = spreadPlaces(labels, [9, 0, 5, 3], 60);
  expect([...places.keys()]).toEqual([9, 0, 3]);
  expect([...places.get(9)!]).toEqual([60, 61, 62, 63, 64, 65, 66, 67, 68, 69]);
  expect(places.get(0)).toHaveLength(60);
  expect(places.get(3)).toHaveLength(50);
});

test('of many there are as many as asked for at most, from the first to the end, at even distances', () => {
  expect([...spreadPlaces(labels, [3], 10).get(3)!]).toEqual([70, 75, 80, 85, 90, 95, 100, 105, 110, 115]);
  expect([...spreadPlaces(labels, [3], 20).get(3)!]).toHaveLength(17);
});
