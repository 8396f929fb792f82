import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../main/core/random/seeded-random.ts';
import { padToPatch } from '../../../main/core/segment/2-tile/pad-to-patch.ts';
import type { Vec3 } from '../../../main/core/volume/volume.ts';
import { cropStart, drawStart } from '../../../main/engine/learn/draw-start.ts';

const patch: Vec3 = [8, 8, 8];

function drawMany(shape: Vec3, place: Vec3 | null): readonly Vec3[] {
  const random = new SeededRandom(1);
  return Array.from({ length: 300 }, () => drawStart(shape, patch, place, random));
}

describe('the start of a patch', () => {
  it('in an image that is smaller is where inference pads to', () => {
    const shape: Vec3 = [3, 5, 8];
    const { inside } = padToPatch(shape, patch);
    const start = drawStart(shape, patch, null, new SeededRandom(1));
    expect(start).toEqual(inside.start.map((each) => 0 - each));
    expect(drawStart(shape, patch, [2, 4, 0], new SeededRandom(1))).toEqual(start);
  });

  it('is anywhere that the whole patch lies in the image', () => {
    const starts = drawMany([12, 9, 8], null);
    const of = (axis: number) => [...new Set(starts.map((start) => start[axis]))].sort();
    expect([of(0), of(1), of(2)]).toEqual([[0, 1, 2, 3, 4], [0, 1], [0]]);
  });

  it('around a voxel has it in the patch, not always in its middle', () => {
    const place: Vec3 = [20, 1, 30];
    const starts = drawMany([40, 40, 40], place);
    for (const start of starts) {
      place.forEach((at, axis) => {
        expect(at - start[axis]!).toBeGreaterThanOrEqual(0);
        expect(at - start[axis]!).toBeLessThan(patch[axis]!);
      });
    }
    expect(new Set(starts.map(([z]) => z)).size).toBe(5);
  });
});

it('the crop around a patch has as much on both sides of it', () => {
  expect(cropStart([4, 0, -2], patch, [12, 8, 10])).toEqual([2, 0, -3]);
});
