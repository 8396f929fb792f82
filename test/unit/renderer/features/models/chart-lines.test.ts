import { describe, expect, it } from 'vitest';
import { chartScale, linePath } from '../../../../../renderer/features/models/chart-lines.ts';

describe('a scale', () => {
  it.each([
    [[0.21, 0.58], [0.2, 0.6], 0.2, 1],
    [[0.9121, 0.9188], [0.91, 0.92], 0.005, 3],
    [[3, 1200], [0, 1500], 500, 0],
  ] as const)('of %j shows all of it between round values', (ys, y, step, digits) => {
    const scale = chartScale(ys.map((value, x) => ({ x, y: value })));
    expect(scale.y.map((edge) => Number(edge.toFixed(6)))).toEqual(y);
    expect(scale.ticks[1]! - scale.ticks[0]!).toBeCloseTo(step, 9);
    expect(scale.digits).toBe(digits);
    expect(scale.ticks.length).toBeLessThanOrEqual(5);
  });

  it('has room for one value, for none, and for what is no number', () => {
    for (const ys of [[], [0], [0.5, 0.5], [Number.NaN, 0.5]]) {
      const { y, ticks } = chartScale(ys.map((value, x) => ({ x, y: value })));
      expect(y[1]).toBeGreaterThan(y[0]);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('goes as far as it is told', () => {
    expect(chartScale([{ x: 3, y: 1 }], 10).x).toEqual([0, 10]);
    expect(chartScale([{ x: 30, y: 1 }], 10).x).toEqual([0, 30]);
  });
});

describe('a line', () => {
  it('goes through the points, up where they are larger, and leaves out what is no number', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 5, y: Number.NaN },
      { x: 10, y: 1 },
    ];
    const scale = chartScale(points);
    expect(linePath(points, scale, { width: 100, height: 50 })).toBe('M0.0 50.0L100.0 0.0');
  });
});
