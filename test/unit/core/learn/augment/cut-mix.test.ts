import { expect, it } from 'vitest';
import { drawCut, mixIn } from '../../../../../main/core/learn/augment/cut-mix.ts';
import { SeededRandom } from '../../../../../main/core/random/seeded-random.ts';
import { boxShape } from '../../../../../main/core/volume/box.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';

const patch: Vec3 = [8, 12, 16];

it('is cut across each axis, from each side, and never by less than a quarter', () => {
  const random = new SeededRandom(1);
  const seen = new Set<string>();
  for (let each = 0; each < 300; each++) {
    const box = drawCut(patch, random);
    const parts = boxShape(box).map((size, axis) => size / patch[axis]!);
    const axis = parts.findIndex((part) => part < 1);
    expect(parts.filter((part) => part === 1)).toHaveLength(2);
    expect(parts[axis]).toBeGreaterThanOrEqual(0.25);
    expect(parts[axis]).toBeLessThanOrEqual(0.75);
    seen.add(`${axis} ${box.start[axis] === 0 ? 'first' : 'last'}`);
  }
  expect(seen.size).toBe(6);
});

it('puts image and labels of the box there, and nothing else', () => {
  const filled = (value: number) => ({
    image: new Float32Array(voxelCount(patch)).fill(value),
    labels: new Uint8Array(voxelCount(patch)).fill(value),
  });
  const drawn = filled(1);
  mixIn(drawn, filled(2), patch, { start: [0, 5, 0], end: [8, 12, 16] });
  drawn.labels.forEach((label, at) => {
    expect(label).toBe(Math.floor(at / 16) % 12 < 5 ? 1 : 2);
    expect(drawn.image[at]).toBe(label);
  });
});
