import { describe, expect, it, test } from 'vitest';
import { resampleLabels } from '../../../../main/core/learn/labels/labels-on-network-grid.ts';
import { cutSlices, slicesOf } from '../../../../main/core/learn/recipe/cut-slices.ts';
import { RecipeError } from '../../../../main/core/learn/recipe/train-recipe.ts';
import {
  ctNormalization,
  drawIntensities,
} from '../../../../main/core/learn/train/foreground-intensities.ts';
import { SeededRandom } from '../../../../main/core/random/seeded-random.ts';
import type { Volume } from '../../../../main/core/volume/volume.ts';

const volume: Volume = {
  voxels: Int16Array.from({ length: 10 * 2 * 3 }, (_, i) => i),
  grid: {
    shapeZyx: [10, 2, 3],
    spacingZyxMm: [2.5, 1, 1],
    originLps: [5, 6, 7],
    directionsZyx: [
      [0, 0, -1],
      [0, 1, 0],
      [1, 0, 0],
    ],
  },
};

describe('a part of an image', () => {
  it.each([
    ['all', 'all' as const, [0, 10]],
    ['slices, both ends in it', { slices: [2, 4] as [number, number] }, [2, 5]],
    ['slices beyond its end', { slices: [8, 30] as [number, number] }, [8, 10]],
    ['millimetres, centres on the ends in it', { mm: [2.5, 7.5] as [number, number] }, [1, 4]],
    ['millimetres between centres', { mm: [2.6, 7.4] as [number, number] }, [2, 3]],
  ])('is %s', (_, part, expected) => {
    expect(slicesOf(part, volume)).toEqual(expected);
  });

  it('that is outside of it is refused', () => {
    expect(() => slicesOf({ slices: [10, 12] }, volume)).toThrow(RecipeError);
    expect(() => slicesOf({ mm: [1, 2] }, volume)).toThrow(RecipeError);
  });

  it('lies where it lay, and shares its voxels', () => {
    const cut = cutSlices(volume, [2, 5]);
    expect(cut.grid).toMatchObject({ shapeZyx: [3, 2, 3], originLps: [5, 6, 2] });
    expect([...cut.voxels]).toEqual(Array.from({ length: 18 }, (_, i) => 12 + i));
    expect(cut.voxels.buffer).toBe(volume.voxels.buffer);
  });
});

test('labels go to another grid over the same extent, by what most of the voxels around a new centre are', () => {
  const labels = Uint8Array.of(1, 1, 2, 1, 5, 6, 6, 8);
  expect([...resampleLabels(labels, [2, 2, 2], [2, 1, 1])]).toEqual([1, 6]);
  expect([...resampleLabels(labels, [2, 2, 2], [2, 2, 2])]).toEqual([...labels]);
  expect([...resampleLabels(Uint8Array.of(1, 2), [1, 1, 2], [1, 1, 4])]).toEqual([1, 1, 2, 2]);
});

test('a CT is normalised by what its labelled voxels are, as numpy counts percentiles', () => {
  // Labelled are the odd slices, on a grid of the same size.
  const labels = Uint8Array.from(volume.voxels, (_, i) => Math.floor(i / 6) % 2);
  const drawn = drawIntensities(volume, labels, [10, 2, 3], new SeededRandom(5));
  expect(new Set(drawn)).toEqual(
    new Set([...volume.voxels].filter((value) => Math.floor(value / 6) % 2 === 1)),
  );
  expect(drawIntensities(volume, new Uint8Array(60), [10, 2, 3], new SeededRandom(5))).toHaveLength(0);

  const ramp = [
    Float32Array.from({ length: 101 }, (_, i) => i),
    Float32Array.from({ length: 100 }, (_, i) => 101 + i),
  ];
  expect(ctNormalization(ramp)).toEqual({
    kind: 'ct',
    lower: 1,
    upper: 199,
    mean: 100,
    std: Math.sqrt((201 ** 2 - 1) / 12),
  });
});
