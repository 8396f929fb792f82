import { describe, expect, it } from 'vitest';
import type { LabelFidelity } from '../../../../../main/core/segment/6-measure/compare-labelmaps.ts';
import { rankLosses, reportFidelity } from '../../../../../main/core/segment/6-measure/rank-labels.ts';

const label = (value: number, dice: number, rest: Partial<LabelFidelity> = {}): LabelFidelity => ({
  value,
  referenceVoxels: 10,
  comparedVoxels: 10,
  missingIn: 'neither',
  dice,
  sensitivity: dice,
  specificity: 1,
  hd95Mm: 1,
  surfaceDice: dice,
  ...rest,
});
const lost = { missingIn: 'compared', hd95Mm: null, surfaceDice: 0, sensitivity: 0 } as const;
const invented = { missingIn: 'reference', hd95Mm: null, surfaceDice: 0, sensitivity: null } as const;

describe('reportFidelity', () => {
  it('puts the label that suffers most first, over all studies where it occurs', () => {
    const report = reportFidelity([
      [label(1, 0.98), label(2, 0.9, { hd95Mm: 4 }), label(3, 1, { missingIn: 'both', hd95Mm: null })],
      [label(1, 0.96, { hd95Mm: 3 }), label(2, 0, lost), label(3, 1, { missingIn: 'both', hd95Mm: null })],
      [label(1, 0.97, { hd95Mm: 2 }), label(2, 0, invented), label(4, 0.97, { surfaceDice: 0.5 })],
    ]);
    expect(report.labels.map(({ value }) => value)).toEqual([2, 4, 1]);
    expect(report.labels[0]).toEqual({
      value: 2,
      studies: 3,
      dice: expect.closeTo(0.3, 12),
      worstDice: 0,
      sensitivity: expect.closeTo(0.45, 12),
      specificity: 1,
      hd95Mm: 4,
      surfaceDice: expect.closeTo(0.3, 12),
      lostIn: 1,
      inventedIn: 1,
    });
    expect(report.labels[2]).toMatchObject({ dice: expect.closeTo(0.97, 12), worstDice: 0.96, hd95Mm: 2 });
    // Every label weighs the same.
    expect(report.dice).toBeCloseTo((0.3 + 0.97 + 0.97) / 3, 12);
  });

  it('knows nothing where no label occurs', () => {
    expect(reportFidelity([[label(1, 1, { missingIn: 'both' })]])).toEqual({ dice: null, labels: [] });
    expect(reportFidelity([])).toEqual({ dice: null, labels: [] });
  });
});

describe('rankLosses', () => {
  it('ranks by what the variant loses against the reference', () => {
    const full = reportFidelity([[label(1, 0.9), label(2, 0.5), label(3, 0.8)]]);
    const variant = reportFidelity([[label(1, 0.7), label(2, 0.52)]]);
    expect(rankLosses(full, variant)).toEqual([
      { value: 1, fullDice: 0.9, variantDice: 0.7, loss: expect.closeTo(0.2, 12) },
      { value: 2, fullDice: 0.5, variantDice: 0.52, loss: expect.closeTo(-0.02, 12) },
    ]);
  });
});
