import { expect, test } from 'vitest';
import { meanDice } from '../../../../main/core/learn/train/agreement.ts';

const labels = (...values: number[]): Uint8Array => Uint8Array.from(values);

test('Dice is the mean over the labels that are right somewhere, of all patches together', () => {
  const right = [labels(1, 1, 0, 2), labels(1, 0, 0, 0)] as const;
  const found = [labels(1, 0, 0, 2), labels(1, 1, 0, 0)] as const;
  // Label 1: two of three are found, and one more; label 2 as it is.
  const pairs = right.map((each, index) => [each, found[index]!] as const);
  expect(meanDice(pairs, 3)).toBeCloseTo((4 / 6 + 1) / 2, 12);
});

test('a label that is nowhere right is no label of the mean, but takes from the others', () => {
  expect(meanDice([[labels(1, 1, 0), labels(1, 1, 2)]], 3)).toBe(1);
  expect(meanDice([[labels(1, 1, 0), labels(1, 2, 0)]], 3)).toBeCloseTo(2 / 3, 12);
});

test('where there is nothing to find, finding nothing is right', () => {
  expect(meanDice([[labels(0, 0), labels(0, 0)]], 3)).toBe(1);
  expect(meanDice([[labels(0, 0), labels(0, 2)]], 3)).toBe(0);
});
