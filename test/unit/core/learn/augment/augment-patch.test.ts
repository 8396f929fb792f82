import { describe, expect, it, test } from 'vitest';
import {
  applyAugmentation,
  augmentPatch,
  type Crop,
} from '../../../../../main/core/learn/augment/augment-patch.ts';
import {
  mildly,
  nnunetAugmentation,
  withShift,
} from '../../../../../main/core/learn/augment/augment-recipe.ts';
import { cropShape } from '../../../../../main/core/learn/augment/crop-shape.ts';
import {
  drawAugmentation,
  type Augmentation,
  type ChannelChange,
} from '../../../../../main/core/learn/augment/draw-augmentation.ts';
import { SeededRandom } from '../../../../../main/core/random/seeded-random.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

const patch: Vec3 = [12, 10, 8];
const recipe = nnunetAugmentation(patch, [0, 1, 2]);
const random = createRandom(4);

function makeCrop(shape: Vec3, channels = 2): Crop {
  const image = Float32Array.from({ length: channels * voxelCount(shape) }, () => random() - 0.5);
  const labels = Uint8Array.from({ length: voxelCount(shape) }, () => Math.floor(random() * 3));
  return { image, labels, channels, shape };
}

const unchanged: ChannelChange = {
  blur: null,
  shift: null,
  brightness: null,
  contrast: null,
  lowResolution: null,
  invertedGamma: null,
  gamma: null,
};
const nothing: Augmentation = { movement: null, noise: null, channels: [unchanged, unchanged], mirrored: [] };

describe('what is drawn', () => {
  const draws = Array.from({ length: 2000 }, (_, seed) =>
    drawAugmentation(recipe, 2, new SeededRandom(7919 * seed + 1)),
  );
  const frequency = (isSo: (drawn: Augmentation) => boolean): number =>
    draws.filter(isSo).length / draws.length;
  const first = (key: keyof ChannelChange) => (drawn: Augmentation) => drawn.channels[0]![key] !== null;
  const isTurned = ({ movement }: Augmentation): boolean =>
    movement !== null && movement.angles.some((angle) => angle !== 0);

  // Three deviations of 2,000 draws are at most 0.034.
  it.each<[string, number, (drawn: Augmentation) => boolean]>([
    ['rotation', 0.2, isTurned],
    ['scaling', 0.2, ({ movement }) => movement !== null && movement.scales[0] !== 1],
    ['either of them', 0.36, ({ movement }) => movement !== null],
    ['noise', 0.1, ({ noise }) => noise !== null],
    ['blur, of a channel', 0.1, first('blur')],
    ['brightness', 0.15, first('brightness')],
    ['contrast', 0.15, first('contrast')],
    ['low resolution, of a channel', 0.125, first('lowResolution')],
    ['inverted gamma', 0.1, first('invertedGamma')],
    ['gamma', 0.3, first('gamma')],
    ['gamma below 1', 0.15, ({ channels }) => (channels[0]!.gamma ?? 1) < 1],
    ['mirroring along axis 0', 0.5, ({ mirrored }) => mirrored.includes(0)],
    ['mirroring along axis 2', 0.5, ({ mirrored }) => mirrored.includes(2)],
    ['blur of both channels', 0.05, ({ channels }) => channels.every(({ blur }) => blur !== null)],
  ])('%s has its probability', (_, probability, isSo) => {
    expect(Math.abs(frequency(isSo) - probability)).toBeLessThan(0.034);
  });

  it('stays in the ranges, and reaches near their ends', () => {
    const scales = draws.flatMap(({ movement }) => (movement ? [movement.scales[0]] : []));
    expect(Math.min(...scales)).toBeGreaterThanOrEqual(0.7);
    expect(Math.min(...scales)).toBeLessThan(0.75);
    expect(Math.max(...scales)).toBeLessThanOrEqual(1.4);
    expect(Math.max(...scales)).toBeGreaterThan(1.35);
    const angles = draws.flatMap(({ movement }) => movement?.angles ?? []).map(Math.abs);
    expect(Math.max(...angles)).toBeLessThanOrEqual(Math.PI / 6);
    expect(Math.max(...angles)).toBeGreaterThan(0.9 * (Math.PI / 6));
  });

  it('shifts as often and as far as it is told to, and else draws what it drew without', () => {
    const shifting = withShift(recipe, 0.4, 0.09);
    const drawn = draws.map((_, seed) => drawAugmentation(shifting, 2, new SeededRandom(7919 * seed + 1)));
    const shifts = drawn.flatMap(({ channels }) => channels.flatMap(({ shift }) => shift ?? []));
    expect(Math.abs(shifts.length / (2 * draws.length) - 0.4)).toBeLessThan(0.034);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(0.09);
    expect(Math.max(...shifts)).toBeGreaterThan(0.085);
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-0.09);
    expect(Math.min(...shifts)).toBeLessThan(-0.085);
    expect(drawn[5]).toEqual(drawAugmentation(shifting, 2, new SeededRandom(7919 * 5 + 1)));
    expect(draws.flatMap(({ channels }) => channels).every(({ shift }) => shift === null)).toBe(true);
    // A seed gives what it gave before there were shifts: no number is taken for one that never happens.
    const [rare, never] = [new SeededRandom(3), new SeededRandom(3)];
    drawAugmentation(withShift(recipe, 1e-9, 1), 2, rare);
    drawAugmentation(recipe, 2, never);
    never.next();
    expect(never.state).toBe(rare.state);
  });

  it('turns patches with few slices in their plane only', () => {
    const flat = nnunetAugmentation([4, 40, 40], []);
    const drawn = Array.from({ length: 300 }, (_, seed) =>
      drawAugmentation(flat, 1, new SeededRandom(seed + 1)),
    );
    const moved = drawn.flatMap(({ movement }) => (movement ? [movement] : []));
    expect(moved.length).toBeGreaterThan(50);
    for (const { angles, scales } of moved) expect([angles[1], angles[2], scales[0]]).toEqual([0, 0, 1]);
    expect(Math.max(...moved.map(({ angles }) => Math.abs(angles[0])))).toBeGreaterThan(Math.PI / 2);
    for (const { channels } of drawn) expect(channels[0]!.lowResolution?.[0] ?? 1).toBe(1);
  });
});

describe('augmenting a patch', () => {
  const shape = cropShape(patch, recipe);

  it('gives the same patch for the same seed, another one for another', () => {
    const crop = makeCrop(shape);
    const before = crop.image.slice();
    const at = (seed: number) => augmentPatch(crop, patch, recipe, new SeededRandom(seed));
    const patches = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      expect(at(seed)).toEqual(at(seed));
      patches.add(at(seed).image.join());
    }
    expect(patches.size).toBeGreaterThan(15);
    expect(crop.image).toEqual(before);
  });

  it('moves labels with their voxels', () => {
    const solid = new Float32Array(voxelCount(shape));
    const [n0, n1, n2] = shape;
    for (let i = 0; i < solid.length; i++) {
      const at = [Math.floor(i / (n1 * n2)) / n0, (Math.floor(i / n2) % n1) / n1, (i % n2) / n2];
      solid[i] = at.every((part) => part > 0.35 && part < 0.8) ? 1 : 0;
    }
    const crop: Crop = { image: solid, labels: Uint8Array.from(solid), channels: 1, shape };
    let moved = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const drawn = {
        ...drawAugmentation(recipe, 1, new SeededRandom(seed)),
        noise: null,
        channels: [unchanged],
      };
      const { image, labels } = applyAugmentation(crop, patch, drawn);
      image.forEach((value, i) => expect(Math.abs(value - labels![i]!)).toBeLessThanOrEqual(0.5 + 1e-6));
      if (drawn.movement) moved++;
    }
    expect(moved).toBeGreaterThan(5);
  });

  it('does without labels', () => {
    const crop = { ...makeCrop(shape), labels: null };
    expect(augmentPatch(crop, patch, recipe, new SeededRandom(1)).labels).toBeNull();
  });

  it('changes each channel by what was drawn for it', () => {
    const crop = makeCrop(patch);
    const brighter = { ...unchanged, brightness: 2 };
    const { image } = applyAugmentation(crop, patch, { ...nothing, channels: [unchanged, brighter] });
    const voxels = voxelCount(patch);
    expect(image.subarray(0, voxels)).toEqual(crop.image.subarray(0, voxels));
    expect(image.subarray(voxels)).toEqual(crop.image.subarray(voxels).map((value) => 2 * value));
    const shifted = { ...unchanged, shift: -0.25, brightness: 2 };
    const both = applyAugmentation(crop, patch, { ...nothing, channels: [unchanged, shifted] }).image;
    expect(both.subarray(0, voxels)).toEqual(crop.image.subarray(0, voxels));
    both
      .subarray(voxels)
      .forEach((value, i) => expect(value).toBeCloseTo(2 * (crop.image[voxels + i]! - 0.25), 6));
    const negative = { ...unchanged, invertedGamma: 1.5 };
    const inverted = applyAugmentation(crop, patch, { ...nothing, channels: [negative, unchanged] }).image;
    const by = applyAugmentation({ ...crop, image: crop.image.map((value) => -value) }, patch, {
      ...nothing,
      channels: [{ ...unchanged, gamma: 1.5 }, unchanged],
    }).image;
    expect(inverted.subarray(0, voxels)).toEqual(by.subarray(0, voxels).map((value) => -value));
  });

  it('leaves what was masked out at zero', () => {
    const crop = makeCrop(patch, 2);
    const voxels = voxelCount(patch);
    for (let i = 0; i < 100; i++) crop.image[i] = crop.image[voxels + i] = 0;
    const noisy: Augmentation = { ...nothing, noise: { deviation: 0.1, seed: 1 } };
    const { image } = applyAugmentation(crop, patch, noisy, [0]);
    expect(image.subarray(0, 100).every((value) => value === 0)).toBe(true);
    expect(image.subarray(100, voxels).some((value, i) => value === crop.image[100 + i])).toBe(false);
    expect(image.subarray(voxels, voxels + 100).every((value) => value !== 0)).toBe(true);
  });

  test('changed mildly every voxel stays where it is, and nothing is made unsharp or noisy', () => {
    const still = mildly(recipe);
    expect(cropShape(patch, still)).toEqual(patch);
    const crop = makeCrop(patch);
    for (let seed = 1; seed <= 20; seed++) {
      expect(augmentPatch(crop, patch, still, new SeededRandom(seed)).labels).toEqual(crop.labels);
      const drawn = drawAugmentation(still, crop.channels, new SeededRandom(seed));
      expect(drawn.noise).toBe(null);
      for (const change of drawn.channels) expect(change).toMatchObject({ blur: null, lowResolution: null });
    }
  });
});
