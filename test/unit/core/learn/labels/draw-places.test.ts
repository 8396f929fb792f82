import { expect, test } from 'vitest';
import { drawPlaces } from '../../../../../main/core/learn/labels/draw-places.ts';
import { SeededRandom } from '../../../../../main/core/random/seeded-random.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';

const shape: Vec3 = [4, 5, 6];
const labels = Uint8Array.from({ length: 120 }, (_, i) => (i < 60 ? 0 : i < 70 ? 9 : 3));

test('places lie in their label, as many as asked for at most, by label', () => {
  const places = drawPlaces(labels, shape, 20, new SeededRandom(1));
  expect([...places.keys()]).toEqual([3, 9]);
  expect(places.get(3)).toHaveLength(20);
  expect(places.get(9)).toHaveLength(10);
  for (const [label, voxels] of places) {
    expect(new Set(voxels.map((voxel) => voxel.join())).size).toBe(voxels.length);
    for (const [z, y, x] of voxels) expect(labels[(z * 5 + y) * 6 + x]).toBe(label);
  }
});

test('each voxel of a label is as likely as any other', () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= 2000; seed++) {
    const voxels = drawPlaces(labels, shape, 10, new SeededRandom(9973 * seed)).get(3)!;
    for (const voxel of voxels) counts.set(voxel.join(), (counts.get(voxel.join()) ?? 0) + 1);
  }
  expect(counts.size).toBe(50);
  // 400 are expected, with a deviation of 18.
  for (const count of counts.values()) expect(Math.abs(count - 400)).toBeLessThan(90);
});
