import { describe, expect, test } from 'vitest';
import { percentile, percentileWindow, sampleVoxels } from '../../../../renderer/viewer/percentiles.ts';
import { scaleBarMm } from '../../../../renderer/viewer/scale-bar.ts';
import { dragWindow, rangeOf, windowOf } from '../../../../renderer/viewer/window-level.ts';
import { firstWindow, presetsOf } from '../../../../renderer/viewer/window-presets.ts';

describe('windows', () => {
  test('are a range around a centre', () => {
    expect(rangeOf({ center: 40, width: 400 })).toEqual({ lower: -160, upper: 240 });
    expect(windowOf(-160, 240)).toEqual({ center: 40, width: 400 });
  });

  test('follow a drag in proportion to their width, and never close', () => {
    expect(dragWindow({ center: 40, width: 500 }, 10, -5)).toEqual({ center: 30, width: 520 });
    expect(dragWindow({ center: 40, width: 500 }, -1e6, 0).width).toBe(50);
  });

  test('of CT start with soft tissue; MR has none that fits all', () => {
    expect(firstWindow('CT')).toMatchObject({ center: 40, width: 400 });
    expect(presetsOf('CT').map(({ name }) => name)).toContain('lung');
    expect(presetsOf('MR')).toEqual([]);
  });
});

describe('windows from the image', () => {
  const planes = [Int16Array.from({ length: 60_000 }, (_, i) => i % 1000), new Int16Array(40_000).fill(500)];

  test('lie between percentiles', () => {
    const sorted = sampleVoxels(planes);
    expect(sorted.length).toBe(50_000);
    expect(percentile(sorted, 0.5)).toBe(500);
    // Every other voxel was taken of values that come in order: one off at most.
    expect(Math.abs(percentile(sorted, 0.06) - 100)).toBeLessThanOrEqual(2);
    const { lower, upper } = rangeOf(percentileWindow(sorted, 0, 1));
    expect([lower, upper]).toEqual([0, 998]);
  });

  test('are open even where all voxels are alike, or none is a number', () => {
    expect(percentileWindow(sampleVoxels([new Int16Array(9).fill(7)]), 0.01, 0.99)).toEqual({
      center: 7.5,
      width: 1,
    });
    expect(percentileWindow(sampleVoxels([new Float32Array(9).fill(NaN)]), 0, 1)).toEqual({
      center: 0.5,
      width: 1,
    });
  });
});

test('a scale bar has a round length that fits', () => {
  expect(scaleBarMm(1, 120)).toBe(100);
  expect(scaleBarMm(4, 120)).toBe(20);
  expect(scaleBarMm(1000, 120)).toBe(1);
});
