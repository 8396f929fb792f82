import { expect, test } from 'vitest';
import { readTrainRecipe } from '../../../main/core/learn/recipe/train-recipe.ts';
import type { Normalization } from '../../../main/core/model/segmentation-model.ts';
import { SeededRandom } from '../../../main/core/random/seeded-random.ts';
import { voxelCount, type Vec3 } from '../../../main/core/volume/volume.ts';
import { drawBatch } from '../../../main/engine/learn/labelled-patches.ts';
import { tinyRecipe } from '../../fixtures/labelled-images.ts';
import { createRandom } from '../../fixtures/random.ts';

const shape: Vec3 = [20, 20, 20];
const patch: Vec3 = [8, 8, 8];
/** HU of -1000 to 1000, divided by a deviation. */
const ctOf = (std: number) => ({ kind: 'ct', lower: -1000, upper: 1000, mean: 0, std }) as const;

test('a shift is so many HU of an image that was divided by its deviation, and the same all over a patch', () => {
  const random = createRandom(9);
  const data = Float32Array.from({ length: voxelCount(shape) }, () => random() - 0.5);
  const image = { name: 'noise', data, labels: new Uint8Array(data.length), shape };
  const draw = (change: object, seed: number) => {
    const { training } = readTrainRecipe({
      ...tinyRecipe,
      training: { ...tinyRecipe.training, augment: true, ...change },
    });
    const source = { images: [image], places: [[]], training, normalization: ctOf(250), recasts: [] };
    return drawBatch(source, patch, 1, new SeededRandom(seed)).image;
  };
  const shifts: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const [plain, shifted] = [draw({}, seed), draw({ intensityShift: { share: 1, most: 25 } }, seed)];
    const differences = shifted.map((value, i) => value - plain[i]!);
    // The same numbers are drawn for all else, and nothing else but brightness (0.75 to 1.25) changes a shift.
    for (const difference of differences) expect(Math.abs(difference - differences[0]!)).toBeLessThan(1e-5);
    shifts.push(differences[0]!);
  }
  expect(Math.max(...shifts.map(Math.abs))).toBeLessThan((1.25 * 25) / 250);
  expect(Math.max(...shifts)).toBeGreaterThan(0.08);
  expect(Math.min(...shifts)).toBeLessThan(-0.08);
});

test('a recipe that keeps intensities never changes how far they are apart', () => {
  const data = new Float32Array(voxelCount(shape)).fill(1.7);
  const image = { name: 'plain', data, labels: new Uint8Array(data.length), shape };
  const farthest = (scaleIntensities: boolean): number => {
    const { training } = readTrainRecipe({
      ...tinyRecipe,
      training: { ...tinyRecipe.training, augment: true, scaleIntensities },
    });
    const source = { images: [image], places: [[]], training, normalization: ctOf(1), recasts: [] };
    const medians = Array.from({ length: 60 }, (_, at) => {
      const drawn = drawBatch(source, patch, 1, new SeededRandom(at + 1)).image.sort();
      return drawn[drawn.length >> 1]!;
    });
    return Math.max(...medians.map((median) => Math.abs(median - 1.7)));
  };
  // Noise stays, and moves no median of 512 voxels by more.
  expect(farthest(false)).toBeLessThan(0.03);
  expect(farthest(true)).toBeGreaterThan(0.2);
});

test('noise is so many HU, of another strength in each patch', () => {
  const data = new Float32Array(voxelCount(shape)).fill(1.7);
  const image = { name: 'plain', data, labels: new Uint8Array(data.length), shape };
  const draw = (noise: object | undefined): readonly number[] => {
    const { training } = readTrainRecipe({
      ...tinyRecipe,
      training: { ...tinyRecipe.training, augment: true, scaleIntensities: false, noise },
    });
    const source = { images: [image], places: [[]], training, normalization: ctOf(250), recasts: [] };
    const random = new SeededRandom(1);
    return Array.from({ length: 60 }, () => {
      const drawn = drawBatch(source, patch, 1, random)
        .image.map((value) => Math.abs(value - 1.7))
        .sort();
      // Of a normal distribution, 1.4826 times the median of what it is off by.
      return 250 * 1.4826 * drawn[drawn.length >> 1]!;
    });
  };
  const deviations = draw({ share: 1, most: 60 });
  expect(Math.min(...deviations)).toBeLessThan(10);
  expect(Math.max(...deviations)).toBeGreaterThan(50);
  expect(Math.max(...deviations)).toBeLessThan(70);
  expect(deviations.filter((each) => each > 1).length).toBeGreaterThan(55);
  const seldom = draw(undefined).filter((each) => each > 1).length;
  expect(seldom).toBeGreaterThan(0);
  expect(seldom).toBeLessThan(20);
});

test('what noise and shifts make of an image is cut off where inference cuts off', () => {
  const data = new Float32Array(voxelCount(shape)).fill(-1);
  const image = { name: 'air', data, labels: new Uint8Array(data.length), shape };
  const drawn = (normalization: Normalization): Float32Array => {
    const { training } = readTrainRecipe({
      ...tinyRecipe,
      training: {
        ...tinyRecipe.training,
        augment: true,
        scaleIntensities: false,
        intensityShift: { share: 1, most: 200 },
        noise: { share: 1, most: 60 },
      },
    });
    const source = { images: [image], places: [[]], training, normalization, recasts: [] };
    return drawBatch(source, patch, 8, new SeededRandom(4)).image;
  };
  const least = (values: Float32Array): number => values.reduce((a, b) => Math.min(a, b));
  expect(least(drawn({ ...ctOf(1000), lower: -5000 }))).toBeLessThan(-1.05);
  const cut = drawn(ctOf(1000));
  expect(least(cut)).toBe(-1);
  expect(cut.some((value) => value > -0.95)).toBe(true);
});

test('a recast makes one label another by its intensities, in a share of the patches, and leaves the image as it is', () => {
  const data = Float32Array.from({ length: voxelCount(shape) }, (_, i) => (i % 2 === 0 ? -0.8 : 0.1));
  const labels = Uint8Array.from(data, (value) => (value < 0 ? 2 : 1));
  const image = { name: 'two', data, labels, shape };
  const { training } = readTrainRecipe({
    ...tinyRecipe,
    training: { ...tinyRecipe.training, augment: false },
  });
  const recast = { share: 0.5, from: 2, to: 4, towards: -1, by: 0.75 };
  const source = {
    images: [image],
    places: [[]],
    training,
    normalization: ctOf(1000),
    recasts: [recast, { ...recast, share: 0.5, from: 1, to: 3, towards: 0.5 }],
  };
  const random = new SeededRandom(3);
  const patches = Array.from({ length: 40 }, () => drawBatch(source, patch, 1, random));
  const isRecast = patches.filter((drawn) => drawn.labels.includes(4));
  expect(isRecast.length).toBeGreaterThan(10);
  expect(isRecast.length).toBeLessThan(30);
  for (const drawn of patches) {
    const values = new Map<number, number>();
    drawn.labels.forEach((label, i) => values.set(label, drawn.image[i]!));
    // One recast at a time.
    expect(['1,2', '1,4', '2,3']).toContain([...values.keys()].sort().join());
    expect(values.get(1) ?? 0.1).toBeCloseTo(0.1, 6);
    expect(values.get(3) ?? 0.4).toBeCloseTo(0.4, 6);
    expect(values.get(4) ?? -0.95).toBeCloseTo(-0.95, 6);
    expect(values.get(2) ?? -0.8).toBeCloseTo(-0.8, 6);
  }
  expect(patches.some((drawn) => drawn.labels.includes(3))).toBe(true);
  expect(new Set(labels)).toEqual(new Set([1, 2]));
  expect(new Set(data)).toEqual(new Set([-0.8, 0.1].map(Math.fround)));
});
