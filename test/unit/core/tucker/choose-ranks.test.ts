import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRank } from '../../../../main/core/tucker/choose-ranks.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

describe('rank by factor', () => {
  it('rounds up, keeps the least rank, and never exceeds the channels', () => {
    expect(chooseRank(320, 0.3)).toBe(96);
    expect(chooseRank(25, 0.9)).toBe(23);
    expect(chooseRank(32, 0.05)).toBe(8);
    expect(chooseRank(1, 0.9)).toBe(1);
    expect(chooseRank(64, 0.05, 16)).toBe(16);
  });

  it('stays between 1 and the channels and grows with the factor', () => {
    const factor = fc.double({ min: 0, max: 2, noNaN: true });
    const check = (channels: number, a: number, b: number, least: number) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((each) => chooseRank(channels, each, least));
      expect(low).toBeGreaterThanOrEqual(1);
      expect(high).toBeGreaterThanOrEqual(low);
      expect(high).toBeLessThanOrEqual(channels);
    };
    const count = fc.integer({ min: 1, max: 700 });
    fc.assert(fc.property(count, factor, factor, fc.integer({ min: 1, max: 20 }), check), { seed: 1 });
  });
});

describeShared('rank by factor', () => {
  it('equals the reference in every case', () => {
    const path = join(sharedData, 'golden/tucker/rank_rule.json');
    const { cases } = JSON.parse(readFileSync(path, 'utf8'));
    expect(cases.length).toBeGreaterThan(100);
    for (const { in_channels, out_channels, rank_factor, rank_min, rank_in, rank_out } of cases) {
      const rank = (channels: number) => chooseRank(channels, rank_factor, rank_min ?? 1);
      expect([rank(in_channels), rank(out_channels)]).toEqual([rank_in, rank_out]);
    }
  });
});
