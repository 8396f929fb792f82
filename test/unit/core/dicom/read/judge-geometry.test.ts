import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageFrame } from '../../../../../main/core/dicom/read/image-frame.ts';
import { judgeGeometry } from '../../../../../main/core/dicom/read/judge-geometry.ts';
import { dot, normalized, scaledSum } from '../../../../../main/core/dicom/read/vector.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { evenly, makeImage, makeStack } from './make-image.ts';

const codes = (images: readonly ImageFrame[]) => judgeGeometry(images).findings.map(({ code }) => code);
const heightsOf = (images: readonly ImageFrame[]) => images.map(({ plane }) => plane?.positionLps[2]);

describe('judgeGeometry', () => {
  it('sorts by position, not by instance number or file, and gives the grid of the stack', () => {
    const { images, grid, assembly, findings } = judgeGeometry(
      makeStack([30, 10, 20, 0], () => ({ plane: { positionLps: [0, 0, 0] } })).map((image, index) =>
        makeImage({
          ...image,
          plane: { positionLps: [-5, -7, [30, 10, 20, 0][index]!], spacingYxMm: [0.4, 0.6] },
        }),
      ),
    );
    expect(heightsOf(images)).toEqual([0, 10, 20, 30]);
    expect(findings).toEqual([]);
    expect(assembly).toEqual({ kind: 'stack' });
    expect(grid).toEqual({
      shapeZyx: [4, 512, 512],
      spacingZyxMm: [10, 0.4, 0.6],
      originLps: [-5, -7, 0],
      directionsZyx: [
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ],
    });
  });

  it('lets z grow along row × column direction, also where that is against the patient axes', () => {
    // Feet first: rows run towards the right.
    const { images, grid } = judgeGeometry(
      evenly(3).map((z) => makeImage({ plane: { positionLps: [0, 0, z], xDirection: [-1, 0, 0] } })),
    );
    expect(heightsOf(images)).toEqual([2, 1, 0]);
    expect(grid?.directionsZyx[0].map((cosine) => cosine + 0)).toEqual([0, 0, -1]);
    expect(grid?.originLps).toEqual([0, 0, 2]);
  });

  it('gives the same answer for any order of any oblique stack', () => {
    const direction = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -1, max: 1, noNaN: true })));
    fc.assert(
      fc.property(
        direction.filter((v) => Math.hypot(...v) > 0.3),
        direction.filter((v) => Math.hypot(...v) > 0.3),
        fc.integer({ min: 3, max: 40 }),
        fc.double({ min: 0.3, max: 10, noNaN: true }),
        fc.func(fc.nat()),
        (a, b, count, spacing, rank) => {
          const x = normalized(a as unknown as Vec3);
          const raw = b as unknown as Vec3;
          const across = scaledSum(raw, -dot(raw, x), x);
          fc.pre(Math.hypot(...across) > 0.1);
          const y = normalized(across);
          const normal: Vec3 = [
            x[1] * y[2] - x[2] * y[1],
            x[2] * y[0] - x[0] * y[2],
            x[0] * y[1] - x[1] * y[0],
          ];
          const stack = evenly(count, spacing).map((at) =>
            makeImage({
              plane: { positionLps: scaledSum([3, -4, 5], at, normal), xDirection: x, yDirection: y },
            }),
          );
          const shuffled = [...stack].sort((p, q) => rank(p.instance.file) - rank(q.instance.file));
          const judged = judgeGeometry(shuffled);
          expect(judged.images).toEqual(stack);
          expect(judged.findings).toEqual([]);
          // Positions are in double precision; the spacing is rounded to 1e-6 mm.
          expect(judged.grid?.spacingZyxMm[0]).toBeCloseTo(spacing, 5);
          expect(dot(judged.grid!.directionsZyx[0], normal)).toBeCloseTo(1, 9);
        },
      ),
    );
  });
});

describe('judgeGeometry on spacing', () => {
  it('finds every missing slice, wherever and however many, and never gives such a stack a grid', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 60 }),
        fc.double({ min: 0.3, max: 10, noNaN: true }),
        fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 3 }),
        (count, spacing, picks) => {
          // Inner slices only: one missing at an end leaves a shorter stack that is whole.
          const missing = new Set(picks.map((pick) => 1 + (pick % (count - 2))));
          const heights = evenly(count, spacing).filter((_, index) => !missing.has(index));
          // With every other slice gone the stack is an even one of twice the spacing.
          const intervals = heights.slice(1).map((z, index) => z - heights[index]!);
          const single = intervals.filter((interval) => interval < 1.5 * spacing).length;
          fc.pre(single > intervals.length / 2);
          const judged = judgeGeometry(makeStack(heights));
          expect(judged.grid).toBeNull();
          const [finding] = judged.findings;
          expect(finding?.code).toBe('gap');
          expect(finding?.numbers['missing']).toBe(missing.size);
          expect(finding?.numbers['spacingMm']).toBeCloseTo(spacing, 2);
        },
      ),
    );
  });

  it('names the gap in numbers', () => {
    expect(judgeGeometry(makeStack([18.1075, 23.1075, 28.107498, 38.107498])).findings).toEqual([
      { code: 'gap', numbers: { spacingMm: 5, longestMm: 10, gaps: 1, missing: 1 } },
    ]);
  });

  it('takes positions rounded to 0.1 mm as even, as they are', () => {
    const heights = evenly(50, 1.25).map((z) => Number(z.toFixed(1)));
    const { findings, grid, assembly } = judgeGeometry(makeStack(heights));
    expect(findings).toEqual([]);
    expect(assembly.kind).toBe('stack');
    expect(grid?.spacingZyxMm[0]).toBeCloseTo(1.25, 2);
  });

  it('resamples a stack that is a little uneven, from where its slices are', () => {
    const heights = [0, 2, 4.3, 6.1, 8, 10];
    const { findings, grid, assembly } = judgeGeometry(makeStack(heights));
    expect(findings).toEqual([
      {
        code: 'spacing-resampled',
        numbers: { spacingMm: 2, shortestMm: 1.8, longestMm: 2.3, offGridMm: 0.3 },
      },
    ]);
    expect(assembly).toEqual({ kind: 'resample', positionsMm: heights });
    expect(grid?.shapeZyx[0]).toBe(6);
    expect(grid?.spacingZyxMm[0]).toBe(2);
  });

  it('refuses a stack that is uneven by more than a quarter, gap or not', () => {
    expect(codes(makeStack([0, 2, 4, 6.6, 8.6]))).toEqual(['uneven-spacing']);
    expect(codes(makeStack([0, 2, 4, 5.2, 7.2]))).toEqual(['uneven-spacing']);
    expect(judgeGeometry(makeStack([0, 2, 4, 5.2, 7.2])).grid).toBeNull();
  });

  it('drops duplicates at a position and says how many', () => {
    const stack = makeStack([0, 1, 1, 2, 3, 3, 3]);
    const { images, findings, grid } = judgeGeometry(stack);
    expect(heightsOf(images)).toEqual([0, 1, 2, 3]);
    // The first by instance number stays.
    expect(images[1]).toBe(stack[1]);
    expect(findings).toEqual([{ code: 'duplicates-dropped', numbers: { duplicates: 3 } }]);
    expect(grid?.shapeZyx[0]).toBe(4);
  });

  it('finds a gap behind a duplicate', () => {
    expect(codes(makeStack([0, 1, 1, 2, 4, 5]))).toEqual(['duplicates-dropped', 'gap']);
  });

  it('refuses images at one position, and too few', () => {
    expect(judgeGeometry(makeStack([7, 7, 7, 7])).findings).toEqual([
      { code: 'single-position', numbers: { slices: 4 } },
    ]);
    expect(judgeGeometry(makeStack([1, 2])).findings).toEqual([
      { code: 'too-few-slices', numbers: { slices: 2, needed: 3 } },
    ]);
    expect(codes(makeStack([1]))).toEqual(['too-few-slices']);
    expect(codes(makeStack([1, 2, 3]))).toEqual([]);
  });
});

describe('judgeGeometry on tilt and shift', () => {
  /** A CT head with the gantry tilted: the table moves along z, the planes are turned about x. */
  function tilted(degrees: number, count = 10, step = 5): ImageFrame[] {
    const angle = (degrees * Math.PI) / 180;
    const yDirection: Vec3 = [0, Math.cos(angle), -Math.sin(angle)];
    return evenly(count, step).map((z) => makeImage({ plane: { positionLps: [-100, -120, z], yDirection } }));
  }

  it('reshears a tilt onto a larger grid that holds every slice', () => {
    const { grid, assembly, findings } = judgeGeometry(tilted(20));
    const angle = (20 * Math.PI) / 180;
    expect(findings[0]?.code).toBe('tilt-resheared');
    expect(findings[0]?.numbers['degrees']).toBeCloseTo(20, 2);
    if (assembly.kind !== 'reshear' || !grid) throw new Error('not resheared');
    // Spacing along the normal is shorter than the table's step.
    expect(grid.spacingZyxMm[0]).toBeCloseTo(5 * Math.cos(angle), 5);
    const largest = 45 * Math.sin(angle);
    expect(Math.max(...assembly.shiftYMm)).toBeCloseTo(largest, 5);
    expect(Math.min(...assembly.shiftYMm)).toBe(0);
    expect(assembly.shiftXMm.every((shift) => Math.abs(shift) < 1e-9)).toBe(true);
    expect(grid.shapeZyx[1]).toBeGreaterThanOrEqual(512 + largest / 0.5 - 0.25);
    expect(grid.shapeZyx[2]).toBe(512);
  });

  it('places every slice of any tilt where the patient has it', () => {
    const angle = fc.double({ min: -30, max: 30, noNaN: true }).filter((degrees) => Math.abs(degrees) > 1);
    fc.assert(
      fc.property(angle, (degrees) => {
        const { images, grid, assembly } = judgeGeometry(tilted(degrees));
        if (assembly.kind !== 'reshear' || !grid) throw new Error('not resheared');
        const [z, y, x] = grid.directionsZyx;
        images.forEach((image, k) => {
          const plane = scaledSum(grid.originLps, k * grid.spacingZyxMm[0], z);
          const corner = scaledSum(scaledSum(plane, assembly.shiftYMm[k]!, y), assembly.shiftXMm[k]!, x);
          // Shifts and the spacing are rounded to 1e-6 mm, the latter over ten slices.
          corner.forEach((mm, axis) => expect(mm).toBeCloseTo(image.plane!.positionLps[axis]!, 4));
        });
      }),
    );
  });

  it('leaves a drift of less than a quarter of a pixel alone', () => {
    const drift = evenly(20).map((z) => makeImage({ positionLps: [0, z * 0.006, z] }));
    const { findings, assembly } = judgeGeometry(drift);
    expect(findings).toEqual([]);
    expect(assembly.kind).toBe('stack');
  });

  it('refuses slices that are shifted, but not as a tilt would', () => {
    const jump = evenly(20).map((z) => makeImage({ positionLps: [0, z < 10 ? 0 : 30, z] }));
    const { findings, grid } = judgeGeometry(jump);
    expect(findings.map(({ code }) => code)).toEqual(['uneven-shift']);
    expect(grid).toBeNull();
  });

  it('refuses a tilted stack with a missing slice, and one that is uneven as well', () => {
    expect(codes(tilted(15).filter((_, index) => index !== 4))).toEqual(['gap', 'tilt-resheared']);
    const uneven = [0, 5, 10.9, 15, 20].map(
      (z) => tilted(15, 1, 0).map(({ plane }) => ({ z, plane: plane! }))[0]!,
    );
    const images = uneven.map(({ z, plane }) => makeImage({ plane: { ...plane, positionLps: [0, 0, z] } }));
    expect(codes(images)).toContain('uneven-spacing');
    expect(judgeGeometry(images).grid).toBeNull();
  });
});

describe('judgeGeometry on mixtures', () => {
  it('refuses planes that are not parallel', () => {
    const images = [
      ...makeStack([0, 1, 2]),
      makeImage({ plane: { positionLps: [0, 0, 3], yDirection: [0, 0, -1] } }),
    ];
    const [finding] = judgeGeometry(images).findings;
    expect(finding).toEqual({ code: 'mixed-orientation', numbers: { images: 1, degrees: 90 } });
  });

  it('refuses images of several sizes, in pixels or in millimetres', () => {
    const stack = makeStack([0, 1, 2]);
    expect(codes([...stack, makeImage({ positionLps: [0, 0, 3], pixels: { rows: 256 } })])).toEqual([
      'mixed-matrix',
    ]);
    expect(
      codes([...stack, makeImage({ plane: { positionLps: [0, 0, 3], spacingYxMm: [0.5, 0.6] } })]),
    ).toEqual(['mixed-matrix']);
  });

  it('refuses images without a place', () => {
    expect(judgeGeometry([...makeStack([0, 1, 2]), makeImage({ plane: null })]).findings).toEqual([
      { code: 'missing-geometry', numbers: { images: 1 } },
    ]);
  });
});
