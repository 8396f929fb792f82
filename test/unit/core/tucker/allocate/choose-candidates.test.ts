import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseCandidates,
  type Candidate,
} from '../../../../../main/core/tucker/allocate/choose-candidates.ts';

type Groups = readonly (readonly Candidate[])[];

const total = (groups: Groups, choice: readonly number[]) =>
  choice.reduce(
    (sum, index, i) => ({ loss: sum.loss + groups[i][index].loss, cost: sum.cost + groups[i][index].cost }),
    { loss: 0, cost: 0 },
  );

/** Every combination. */
function leastLoss(groups: Groups, limit: number): number {
  const [first, ...rest] = groups;
  if (!first) return limit >= 0 ? 0 : Infinity;
  return Math.min(...first.map(({ loss, cost }) => loss + leastLoss(rest, limit - cost)));
}

const groupsOf = (cost: fc.Arbitrary<number>, most = 4) =>
  fc.array(
    fc.array(fc.record({ loss: fc.integer({ min: 0, max: 30 }), cost }), { minLength: 1, maxLength: most }),
    { minLength: 1, maxLength: most },
  );

describe('choosing candidates', () => {
  it('equals the search of all combinations', () => {
    const check = (groups: Groups, limit: number) => {
      const choice = chooseCandidates(groups, limit);
      const best = leastLoss(groups, limit);
      if (choice === null) expect(best).toBe(Infinity);
      else {
        expect(total(groups, choice).cost).toBeLessThanOrEqual(limit);
        expect(total(groups, choice).loss).toBe(best);
      }
    };
    const groups = groupsOf(fc.integer({ min: 0, max: 20 }));
    fc.assert(fc.property(groups, fc.integer({ min: -5, max: 90 }), check), { seed: 1, numRuns: 500 });
  });

  it('meets the limit for costs that are no whole numbers, and loses no more than a little less would', () => {
    const check = (groups: Groups, share: number) => {
      const dearest = groups.reduce((sum, group) => sum + Math.max(...group.map(({ cost }) => cost)), 0);
      const limit = share * dearest;
      const choice = chooseCandidates(groups, limit);
      // Each cost rounds up by less than 1/65536 of the dearest choice, and so does the limit down.
      const rounding = ((groups.length + 1) * dearest) / 2 ** 16;
      const best = leastLoss(groups, limit - rounding);
      if (choice === null) expect(best).toBe(Infinity);
      else {
        expect(total(groups, choice).cost).toBeLessThanOrEqual(limit * (1 + 1e-12));
        expect(total(groups, choice).loss).toBeLessThanOrEqual(best);
      }
    };
    const cost = fc.double({ min: 0.001, max: 1e9, noNaN: true });
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(fc.property(groupsOf(cost, 3), share, check), { seed: 2, numRuns: 50 });
  });

  it('never loses more with a higher limit', () => {
    const check = (groups: Groups, a: number, b: number) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((limit) => chooseCandidates(groups, limit));
      if (low === null) return;
      expect(total(groups, high!).loss).toBeLessThanOrEqual(total(groups, low).loss);
    };
    const limit = fc.double({ min: 0, max: 40, noNaN: true });
    const groups = groupsOf(fc.double({ min: 0, max: 10, noNaN: true }), 3);
    fc.assert(fc.property(groups, limit, limit, check), { seed: 3, numRuns: 50 });
  });

  it('takes any limit, and nothing at all', () => {
    const groups = [[{ loss: 0, cost: 5 }], [{ loss: 0, cost: 0 }]];
    expect(chooseCandidates(groups, Infinity)).toEqual([0, 0]);
    expect(chooseCandidates(groups, 4.9)).toBeNull();
    expect(chooseCandidates([], 0)).toEqual([]);
    expect(chooseCandidates([], -1)).toBeNull();
    expect(chooseCandidates([[{ loss: 1, cost: 0 }]], 0)).toEqual([0]);
  });
});
