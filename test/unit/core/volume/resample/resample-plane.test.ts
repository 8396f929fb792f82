import { describe, expect, it } from 'vitest';
import {
  asSplineOrder,
  nearestIndices,
  planAxis,
  samplePositions,
  SplineOrderError,
  type Alignment,
  type SplineOrder,
} from '../../../../../main/core/volume/resample/axis-plan.ts';
import { createPlaneResampler } from '../../../../../main/core/volume/resample/resample-plane.ts';

const orders: readonly SplineOrder[] = [0, 1, 3];
const alignments: readonly Alignment[] = ['half-pixel', 'aligned-corners'];

/** Resamples one line, as a row or as a column. */
function resampleLine(
  line: readonly number[],
  size: number,
  order: SplineOrder,
  alignment: Alignment,
  as: 'row' | 'column',
) {
  const plan = planAxis(line.length, size, order, alignment);
  const single = planAxis(1, 1, order, alignment);
  const resampler = as === 'row' ? createPlaneResampler(single, plan) : createPlaneResampler(plan, single);
  resampler.source.set(line);
  return [...resampler.run()];
}

// scipy.ndimage.zoom([3, -1, 4, 1, -5, 9, 2.5], n / 7, order, mode='nearest', grid_mode), scipy 1.10.1, to 12 decimals.
const line = [3, -1, 4, 1, -5, 9, 2.5];
const scipy: readonly [number, Alignment, SplineOrder, readonly number[]][] = [
  [5, 'half-pixel', 0, [3, 4, 1, -5, 2.5]],
  [5, 'half-pixel', 1, [2.2, 2, 1, 0.6, 3.8]],
  [5, 'half-pixel', 3, [2.127447258488, 1.774755423321, 1, 0.396432130053, 4.213643443579]],
  [5, 'aligned-corners', 0, [3, 4, 1, 9, 2.5]],
  [5, 'aligned-corners', 1, [3, 1.5, 1, 2, 2.5]],
  [5, 'aligned-corners', 3, [3, 1.124412650159, 1, 2.174815040861, 2.5]],
  [11, 'half-pixel', 0, [3, 3, -1, 4, 4, 1, -5, -5, 9, 2.5, 2.5]],
  [
    11,
    'half-pixel',
    1,
    [
      3, 1.181818181818, -0.545454545455, 2.636363636364, 2.909090909091, 1, -2.818181818182, -1.181818181818,
      7.727272727273, 5.454545454545, 2.5,
    ],
  ],
  [
    11,
    'half-pixel',
    3,
    [
      3.43810312972, 0.736085888326, -0.860241985252, 2.592545421854, 4.432735712671, 1, -5.013981245281,
      -1.740699541536, 8.308246016288, 6.843236269012, 1.633937518543,
    ],
  ],
  [11, 'aligned-corners', 0, [3, -1, -1, 4, 4, 1, -5, -5, 9, 9, 2.5]],
  [11, 'aligned-corners', 1, [3, 0.6, 0, 3, 2.8, 1, -2.6, -2.2, 6.2, 6.4, 2.5]],
  [
    11,
    'aligned-corners',
    3,
    [
      3, -0.015834430291, -0.511014462234, 3.030262654438, 4.377864311341, 1, -4.794006371352,
      -2.830898992196, 7.054662244498, 8.157845590138, 2.5,
    ],
  ],
];

describe('resampling a line', () => {
  it.each(scipy)('to %i samples, %s, order %i, is what scipy gives', (size, alignment, order, expected) => {
    for (const as of ['row', 'column'] as const) {
      resampleLine(line, size, order, alignment, as).forEach((value, i) => {
        // scipy approximates the endless border by 12 samples (0.27^12 of the signal) on top of the rounding above.
        expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
      });
    }
  });

  it('keeps a constant, whatever the size', () => {
    for (const alignment of alignments) {
      for (const order of orders) {
        for (const size of [1, 2, 5, 6, 7, 19]) {
          for (const value of resampleLine([4, 4, 4, 4, 4, 4], size, order, alignment, 'row')) {
            expect(value).toBeCloseTo(4, 13);
          }
        }
      }
    }
  });

  it('keeps the line exactly where its size stays', () => {
    for (const order of orders) {
      expect(resampleLine(line, line.length, order, 'half-pixel', 'row')).toEqual(line);
      expect(resampleLine(line, line.length, order, 'aligned-corners', 'column')).toEqual(line);
    }
  });

  it('goes through the samples it started from', () => {
    // Twice as many intervals: every other output is an input, which the spline interpolates.
    for (const order of [1, 3] as const) {
      const fine = resampleLine(line, 2 * line.length - 1, order, 'aligned-corners', 'column');
      line.forEach((value, i) => expect(fine[2 * i]).toBeCloseTo(value, 12));
    }
  });

  it('keeps a ramp, away from the border for order 3', () => {
    const ramp = Array.from({ length: 80 }, (_, i) => 3 * i - 7);
    for (const alignment of alignments) {
      for (const size of [37, 131]) {
        const positions = samplePositions(80, size, alignment);
        for (const order of [1, 3] as const) {
          // The border's kink fades by 0.27 a sample; 20 samples in, it is below 1e-11 of the slope.
          const border = order === 1 ? 1 : 20;
          resampleLine(ramp, size, order, alignment, 'row').forEach((value, i) => {
            if (positions[i] < border || positions[i] > 79 - border) return;
            expect(Math.abs(value - (3 * positions[i] - 7))).toBeLessThan(1e-9);
          });
        }
      }
    }
  });

  it('treats both directions of an axis alike', () => {
    const backwards = line.toReversed();
    for (const alignment of alignments) {
      for (const order of [1, 3] as const) {
        const there = resampleLine(line, 11, order, alignment, 'row');
        const mirrored = resampleLine(backwards, 11, order, alignment, 'row').toReversed();
        mirrored.forEach((value, i) => expect(value).toBeCloseTo(there[i], 12));
      }
    }
  });

  it('resamples rows and columns of a plane independently of their order', () => {
    const rows = planAxis(5, 8, 3, 'half-pixel');
    const columns = planAxis(7, 4, 3, 'half-pixel');
    const values = Float64Array.from({ length: 35 }, (_, i) => Math.sin(i * 1.7) * 100);
    const transposed = Float64Array.from({ length: 35 }, (_, i) => values[(i % 5) * 7 + Math.floor(i / 5)]);
    const plane = createPlaneResampler(rows, columns);
    plane.source.set(values);
    const result = plane.run();
    const other = createPlaneResampler(columns, rows);
    other.source.set(transposed);
    const turned = other.run();
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 4; x++) expect(result[y * 4 + x]).toBeCloseTo(turned[x * 8 + y], 11);
    }
  });
});

describe('nearestIndices', () => {
  it('stays inside and takes exact halves upwards', () => {
    expect([...nearestIndices(3, 6, 'half-pixel')]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...nearestIndices(4, 2, 'half-pixel')]).toEqual([1, 3]);
    expect([...nearestIndices(5, 3, 'aligned-corners')]).toEqual([0, 2, 4]);
    expect([...nearestIndices(2, 3, 'aligned-corners')]).toEqual([0, 1, 1]);
    expect([...nearestIndices(9, 1, 'aligned-corners')]).toEqual([0]);
  });
});

describe('asSplineOrder', () => {
  it('refuses orders that are not implemented', () => {
    expect(orders.map(asSplineOrder)).toEqual(orders);
    for (const order of [2, 4, -1, 0.5]) expect(() => asSplineOrder(order)).toThrow(SplineOrderError);
  });
});
