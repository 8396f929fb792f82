import { describe, expect, it } from 'vitest';
import { closed, dilated, eroded, opened } from '../../../../main/core/label-rules/morphology.ts';
import type { Vec3 } from '../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../fixtures/random.ts';

/** Whether a voxel is in a mask; positions may lie beyond its border. */
type Rule = (z: number, y: number, x: number) => boolean;

function ball(radius: number): Vec3[] {
  const offsets: Vec3[] = [];
  for (let z = -3; z <= 3; z++) {
    for (let y = -3; y <= 3; y++) {
      for (let x = -3; x <= 3; x++) if (z * z + y * y + x * x <= radius * radius) offsets.push([z, y, x]);
    }
  }
  return offsets;
}

/** By the definition: some, or every, voxel of the ball round each one. */
const someInBall =
  (is: Rule, radius: number): Rule =>
  (z, y, x) =>
    ball(radius).some(([dz, dy, dx]) => is(z + dz, y + dy, x + dx));
const everyInBall =
  (is: Rule, radius: number): Rule =>
  (z, y, x) =>
    ball(radius).every(([dz, dy, dx]) => is(z + dz, y + dy, x + dx));

const ruleOf =
  (mask: Uint8Array, [d0, d1, d2]: Vec3, beyond: boolean): Rule =>
  (z, y, x) =>
    z < 0 || y < 0 || x < 0 || z >= d0 || y >= d1 || x >= d2 ? beyond : mask[(z * d1 + y) * d2 + x] === 1;

function maskOf(is: Rule, [d0, d1, d2]: Vec3): Uint8Array {
  const mask = new Uint8Array(d0 * d1 * d2);
  for (let i = 0; i < mask.length; i++) {
    mask[i] = Number(is(Math.floor(i / (d1 * d2)), Math.floor(i / d2) % d1, i % d2));
  }
  return mask;
}

function randomMask(shape: Vec3, share: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => Number(random() < share));
}

const shape: Vec3 = [6, 7, 9];

describe.each([1, 1.5, 2, 3])('morphology with a ball of radius %d', (radius) => {
  it.each([0.02, 0.3, 0.9])('does what the definitions say, %d of the voxels set', (share) => {
    const mask = randomMask(shape, share, 7 + radius);
    // Beyond the border there is nothing to reach, and nothing that eats away.
    const dilation = maskOf(someInBall(ruleOf(mask, shape, false), radius), shape);
    const erosion = maskOf(everyInBall(ruleOf(mask, shape, true), radius), shape);
    expect(dilated(mask, shape, radius)).toEqual(dilation);
    expect(eroded(mask, shape, radius)).toEqual(erosion);
    const opening = maskOf(someInBall(ruleOf(erosion, shape, false), radius), shape);
    expect(opened(mask, shape, radius)).toEqual(opening);
  });

  it('closes as if the grid went on for ever without the mask', () => {
    const mask = randomMask(shape, 0.12, 3);
    const reached = someInBall(ruleOf(mask, shape, false), radius);
    expect(closed(mask, shape, radius)).toEqual(maskOf(everyInBall(reached, radius), shape));
  });
});

describe('morphology', () => {
  it('has nothing to reach from an empty mask and nothing to eat in a full one', () => {
    const empty = new Uint8Array(60);
    const full = new Uint8Array(60).fill(1);
    expect(dilated(empty, [3, 4, 5], 2)).toEqual(empty);
    expect(eroded(full, [3, 4, 5], 2)).toEqual(full);
    expect(closed(empty, [3, 4, 5], 2)).toEqual(empty);
  });

  it('leaves its argument as it was', () => {
    const mask = randomMask(shape, 0.4, 11);
    const copy = mask.slice();
    dilated(mask, shape, 1);
    closed(mask, shape, 1);
    opened(mask, shape, 1);
    expect(mask).toEqual(copy);
  });
});
