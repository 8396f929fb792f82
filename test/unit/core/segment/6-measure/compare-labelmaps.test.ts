import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLabelmaps } from '../../../../../main/core/segment/6-measure/compare-labelmaps.ts';
import { diceByLabel, LabelmapSizeError } from '../../../../../main/core/segment/6-measure/dice.ts';
import { overlapByLabel } from '../../../../../main/core/segment/6-measure/label-overlap.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

const tolerance = 2;

type Inside = (z: number, y: number, x: number) => boolean;

function paint(shape: Vec3, inside: Inside, value = 1): Uint8Array {
  const [, rows, columns] = shape;
  return Uint8Array.from({ length: voxelCount(shape) }, (_, i) => {
    const [z, y, x] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns];
    return inside(z, y, x) ? value : 0;
  });
}

const cube =
  (start: Vec3, edge: number): Inside =>
  (...at) =>
    at.every((c, axis) => c >= start[axis]! && c < start[axis]! + edge);

/** The definitions, word by word: every surface voxel against every other. */
function bruteForce(a: Uint8Array, b: Uint8Array, shape: Vec3, spacing: Vec3, value: number) {
  const [depth, rows, columns] = shape;
  const surface = (labels: Uint8Array) => {
    const at = (z: number, y: number, x: number) =>
      z >= 0 && z < depth && y >= 0 && y < rows && x >= 0 && x < columns
        ? labels[(z * rows + y) * columns + x] === value
        : false;
    const voxels: Vec3[] = [];
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const neighbours = [at(z - 1, y, x), at(z + 1, y, x), at(z, y - 1, x)];
          neighbours.push(at(z, y + 1, x), at(z, y, x - 1), at(z, y, x + 1));
          if (at(z, y, x) && neighbours.includes(false)) voxels.push([z, y, x]);
        }
      }
    }
    return voxels;
  };
  const [surfaceA, surfaceB] = [surface(a), surface(b)];
  const directed = (from: Vec3[], to: Vec3[]) =>
    from.map((p) => Math.min(...to.map((q) => Math.hypot(...p.map((c, i) => (c - q[i]!) * spacing[i]!)))));
  const p95 = (distances: number[]) =>
    distances.find((d) => distances.filter((other) => other <= d).length >= 0.95 * distances.length - 1e-9)!;
  const ab = directed(surfaceA, surfaceB).toSorted((x, y) => x - y);
  const ba = directed(surfaceB, surfaceA).toSorted((x, y) => x - y);
  const within = [...ab, ...ba].filter((d) => d <= tolerance + 1e-5).length;
  return { hd95Mm: Math.max(p95(ab), p95(ba)), surfaceDice: within / (ab.length + ba.length) };
}

describe('compareLabelmaps', () => {
  it('is the definition, on random blobs with uneven spacing', () => {
    const blobs = fc.record({
      shape: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 7 }))) as fc.Arbitrary<
        [number, number, number]
      >,
      spacing: fc.constantFrom<Vec3[]>([1, 1, 1], [5, 0.7, 0.7], [0.5, 2, 1.25]),
      density: fc.constantFrom(0.1, 0.5, 0.9),
      noise: fc.constantFrom(0.05, 0.5, 1),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(blobs, ({ shape, spacing, density, noise, seed }) => {
        const random = createRandom(seed);
        const draw = () => (random() < density ? 1 + Math.floor(2 * random()) : 0);
        const a = Uint8Array.from({ length: voxelCount(shape) }, draw);
        const b = a.map((label) => (random() < noise ? draw() : label));
        const grid = { shapeZyx: shape, spacingZyxMm: spacing };
        const dice = new Map(diceByLabel(a, b).map((each) => [each.value, each]));
        for (const label of compareLabelmaps(a, b, grid, [1, 2], tolerance)) {
          const overlap = dice.get(label.value);
          expect(label.dice).toBe(overlap?.dice ?? 1);
          if (label.missingIn !== 'neither') {
            expect([label.hd95Mm, label.surfaceDice]).toEqual([null, label.missingIn === 'both' ? 1 : 0]);
            continue;
          }
          const { hd95Mm, surfaceDice } = bruteForce(a, b, shape, spacing, label.value);
          // Distances come as float32.
          expect(label.hd95Mm).toBeCloseTo(hd95Mm, 5);
          expect(label.surfaceDice).toBe(surfaceDice);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('finds nothing between equal maps', () => {
    const shape: Vec3 = [12, 12, 12];
    const labels = paint(shape, cube([2, 3, 4], 6), 7);
    const grid = { shapeZyx: shape, spacingZyxMm: [3, 1, 1] as Vec3 };
    expect(compareLabelmaps(labels, labels.slice(), grid, [7], tolerance)).toEqual([
      {
        value: 7,
        referenceVoxels: 216,
        comparedVoxels: 216,
        missingIn: 'neither',
        dice: 1,
        sensitivity: 1,
        specificity: 1,
        hd95Mm: 0,
        surfaceDice: 1,
      },
    ]);
  });

  it.each([
    [0, 2.5],
    [1, 0.8],
    [2, 1.5],
  ])('measures a shifted cube: two voxels along axis %i', (axis, spacing) => {
    const shape: Vec3 = [24, 24, 24];
    const moved = [6, 6, 6];
    moved[axis] = 8;
    const grid = { shapeZyx: shape, spacingZyxMm: [2.5, 0.8, 1.5] as Vec3 };
    const a = paint(shape, cube([6, 6, 6], 10));
    const b = paint(shape, cube(moved as unknown as Vec3, 10));
    const [label] = compareLabelmaps(a, b, grid, [1], 2 * spacing);
    expect(label).toMatchObject({ dice: 0.8, sensitivity: 0.8, missingIn: 'neither' });
    expect(label!.specificity).toBe((24 ** 3 - 1000 - 200) / (24 ** 3 - 1000));
    // The faces across the shift, 100 of 488 surface voxels each, lie two voxels apart or nearer to a side face.
    expect(label!.hd95Mm).toBeCloseTo(2 * spacing, 5);
    expect(label!.surfaceDice).toBe(1);
  });

  it('measures concentric spheres by the difference of their radii', () => {
    const shape: Vec3 = [41, 61, 61];
    const spacing: Vec3 = [1.5, 1, 1];
    const sphere =
      (radiusMm: number): Inside =>
      (z, y, x) =>
        Math.hypot((z - 20) * 1.5, y - 30, x - 30) <= radiusMm;
    const grid = { shapeZyx: shape, spacingZyxMm: spacing };
    const [inner, outer] = [paint(shape, sphere(15)), paint(shape, sphere(20))];
    const [within] = compareLabelmaps(inner, outer, grid, [1], 6.5);
    const [beyond] = compareLabelmaps(inner, outer, grid, [1], 3);
    // Surfaces of voxels lie up to a voxel's half diagonal, 1.0 mm, off the sphere's, each of them.
    expect(within!.hd95Mm).toBeGreaterThan(4);
    expect(within!.hd95Mm).toBeLessThan(6);
    expect(within!.surfaceDice).toBe(1);
    expect(beyond!.surfaceDice).toBe(0);
    // 2·r³/(r³ + R³); counting voxels of a sphere of this size is good to a per cent.
    expect(within!.dice).toBeCloseTo((2 * 15 ** 3) / (15 ** 3 + 20 ** 3), 2);
  });

  it('counts a distance that is the tolerance, whatever the spacing rounds to', () => {
    const shape: Vec3 = [1, 1, 12];
    for (const step of [0.1, 0.7, 1.1, 0.3333333]) {
      const grid = { shapeZyx: shape, spacingZyxMm: [1, 1, step] as Vec3 };
      const a = paint(shape, (_z, _y, x) => x === 2);
      const b = paint(shape, (_z, _y, x) => x === 5);
      expect(compareLabelmaps(a, b, grid, [1], 3 * step)[0]).toMatchObject({ surfaceDice: 1 });
      expect(compareLabelmaps(a, b, grid, [1], 2.99 * step)[0]).toMatchObject({ surfaceDice: 0 });
    }
  });

  it('says which map lacks a label', () => {
    const shape: Vec3 = [1, 1, 4];
    const grid = { shapeZyx: shape, spacingZyxMm: [1, 1, 1] as Vec3 };
    const [a, b] = [Uint8Array.of(0, 1, 1, 9), Uint8Array.of(0, 2, 2, 9)];
    const nothing = { hd95Mm: null, surfaceDice: 0, dice: 0 };
    expect(compareLabelmaps(a, b, grid, [1, 2, 3], tolerance)).toMatchObject([
      { missingIn: 'compared', ...nothing, sensitivity: 0, specificity: 1 },
      { missingIn: 'reference', ...nothing, sensitivity: null, specificity: 0.5 },
      { missingIn: 'both', hd95Mm: null, surfaceDice: 1, dice: 1, sensitivity: null, specificity: 1 },
    ]);
    const full = new Uint8Array(4).fill(5);
    expect(compareLabelmaps(full, full, grid, [5], tolerance)[0]).toMatchObject({
      specificity: null,
      hd95Mm: 0,
    });
  });

  it('refuses maps of different sizes', () => {
    const grid = { shapeZyx: [1, 2, 2] as Vec3, spacingZyxMm: [1, 1, 1] as Vec3 };
    const compare = (a: number, b: number) => () =>
      compareLabelmaps(new Uint8Array(a), new Uint8Array(b), grid, [1], 1);
    expect(compare(4, 5)).toThrow(LabelmapSizeError);
    expect(compare(5, 5)).toThrow(LabelmapSizeError);
  });
});

describe('overlapByLabel', () => {
  it('boxes each label around its voxels in both maps', () => {
    const shape: Vec3 = [4, 5, 6];
    const a = paint(shape, (z, y, x) => z === 1 && y === 2 && x < 2, 3);
    const b = paint(shape, (z, y, x) => z === 3 && y === 4 && x === 5, 3);
    const overlaps = overlapByLabel(a, b, shape);
    expect(overlaps[3]).toEqual({
      value: 3,
      referenceVoxels: 2,
      comparedVoxels: 1,
      commonVoxels: 0,
      box: { start: [1, 2, 0], end: [4, 5, 6] },
    });
    expect(overlaps[0]).toMatchObject({ commonVoxels: 117, box: { start: [0, 0, 0], end: [4, 5, 6] } });
    expect(overlaps[200]).toMatchObject({ referenceVoxels: 0, box: { start: [0, 0, 0], end: [0, 0, 0] } });
  });
});
