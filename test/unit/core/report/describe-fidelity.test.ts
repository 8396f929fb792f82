import { describe, expect, it } from 'vitest';
import {
  describeFidelity,
  describeLosses,
  formatDice,
} from '../../../../main/core/report/describe-fidelity.ts';
import { judgeVariant, type Comparison } from '../../../../main/core/report/variant-fidelity.ts';
import type { LabelFidelity } from '../../../../main/core/segment/6-measure/compare-labelmaps.ts';

const labels = ['bone', 'lung', 'gas', 'fat'].map((name, i) => ({ value: i + 1, name }));

/** A label that only one has (Dice 0) was lost; null: neither has it. */
const fidelity = (value: number, dice: number | null): LabelFidelity => ({
  value,
  referenceVoxels: dice === null ? 0 : 100,
  comparedVoxels: dice === null || dice === 0 ? 0 : 100,
  missingIn: dice === null ? 'both' : dice === 0 ? 'compared' : 'neither',
  dice: dice ?? 1,
  sensitivity: dice,
  specificity: 1,
  hd95Mm: dice === null || dice === 0 ? null : 1,
  surfaceDice: dice ?? 1,
});
const comparison = (image: string, dice: readonly (number | null)[], calibrated = false): Comparison => ({
  image,
  calibrated,
  labels: dice.map((each, i) => fidelity(i + 1, each)),
});
const judge = (withFull: readonly Comparison[]) =>
  judgeVariant('df-0.5', labels, { withFull, withReference: [], fullWithReference: [] });

describe('judgeVariant and describeFidelity', () => {
  it('name what is below the floor, worst first, and what is in no image', () => {
    const judged = judge([comparison('a', [0.89, 0.97, null, 0.949])]);
    expect(judged.dice).toBeCloseTo((0.89 + 0.97 + 0.949) / 3, 12);
    expect(describeFidelity(judged, 0.95)).toBe(
      'df-0.5: overlap with the full model 0.93 on average; do not trust: bone (0.89), fat (0.94); not known, for want of an image that shows it: gas',
    );
  });

  it('name the lowest where all is well', () => {
    expect(describeFidelity(judge([comparison('a', [0.96, 0.99, 1, 0.97])]), 0.95)).toBe(
      'df-0.5: overlap with the full model 0.98 on average; lowest: bone (0.96)',
    );
  });

  it('say where a label was lost', () => {
    const judged = judge([comparison('a', [0, 1, 1, 1]), comparison('b', [0.8, 1, 1, 1])]);
    expect(describeFidelity(judged, 0.95)).toMatch(
      /0\.85 on average of 2 images; do not trust: bone \(0\.40, lost in 1 of 2 images\)$/,
    );
  });

  it('count images of the calibration only where there are no others, and say so', () => {
    const made = comparison('a', [1, 1, 1, 1], true);
    const mixed = judge([made, comparison('b', [0.9, 0.9, 0.9, 0.9])]);
    expect(mixed).toMatchObject({ images: 1, calibrated: false });
    expect(mixed.dice).toBeCloseTo(0.9, 12);
    const only = judge([made]);
    expect(only).toMatchObject({ images: 1, dice: 1, calibrated: true });
    expect(describeFidelity(only, 0.95)).toMatch(/made with, which flatters it$/);
  });

  it('know nothing without a comparison', () => {
    expect(judge([])).toMatchObject({ dice: null, images: 0, unseen: [], losses: null });
    expect(describeFidelity(judge([]), 0.95)).toBe('df-0.5: never compared with the full model');
    expect(describeFidelity(judge([comparison('a', [null, null, null, null])]), 0.95)).toMatch(/no label/);
  });

  it('rank what is lost against a reference, on the images that both were compared on', () => {
    const { losses } = judgeVariant('df-0.5', labels, {
      withFull: [],
      withReference: [comparison('a', [0.7, 0.9, 0.8, 0.9]), comparison('b', [0, 0, 0, 0])],
      fullWithReference: [comparison('a', [0.8, 0.9, 0.7, 0.95])],
    });
    expect(losses).toMatchObject({ images: 1 });
    expect(losses?.labels.map(({ name }) => name)).toEqual(['bone', 'fat', 'lung', 'gas']);
    expect(describeLosses('df-0.5', losses!)).toBe(
      'df-0.5: overlap with the reference 0.82 on average, the full model’s is 0.83; loses most: bone (0.80 to 0.70), fat (0.95 to 0.90)',
    );
  });
});

it('formatDice rounds down, and 0.95 is 0.95', () => {
  expect([0.9499, 0.95, 0.999, 1, 0.29].map(formatDice)).toEqual(['0.94', '0.95', '0.99', '1.00', '0.29']);
});
