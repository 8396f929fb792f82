import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRange } from '../../../main/engine/split-range.ts';

describe('splitRange', () => {
  it('covers the range in order, with runs that differ by one at most and none empty', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: -2, max: 300 }), fc.nat(40), (from, size, parts) => {
        const runs = splitRange(from, from + size, parts);
        expect(runs).toHaveLength(Math.max(0, Math.min(size, Math.max(1, parts))));
        let next = from;
        for (const run of runs) {
          expect(run.from).toBe(next);
          next = run.to;
        }
        if (runs.length === 0) return;
        expect(next).toBe(from + size);
        const lengths = runs.map((run) => run.to - run.from);
        expect(Math.min(...lengths)).toBeGreaterThan(0);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(2);
      }),
    );
  });
});
