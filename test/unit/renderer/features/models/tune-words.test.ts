import { beforeAll, expect, test } from 'vitest';
import type { Learning } from '../../../../../main/contract/engine-protocol.ts';
import type { TuningView } from '../../../../../main/contract/ipc/tuning-channels.ts';
import {
  formatAgreement,
  formatLoss,
  learningRows,
  wordsOfAgreement,
  wordsOfBest,
  wordsOfLoss,
  wordsOfProgress,
  wordsOfState,
} from '../../../../../renderer/features/models/tune-words.ts';
import { setLanguage, startI18n } from '../../../../../renderer/i18n/i18n.svelte.ts';

beforeAll(() => startI18n('en'));

const learning: Learning = {
  fold: 0,
  folds: 1,
  steps: 60,
  mostSteps: 100,
  loss: 0.0123,
  agreement: 0.9,
  curve: {
    losses: [
      { steps: 1, loss: 1.5 },
      { steps: 30, loss: 0.5 },
      { steps: 60, loss: 0.0123 },
    ],
    judgements: [
      { steps: 0, score: 0.8 },
      { steps: 25, score: 0.93 },
      { steps: 50, score: 0.9 },
    ],
  },
};
const view: TuningView = {
  id: 'x',
  order: { model: 'm', variant: 'v', on: [], holdOut: [], minutes: 1 },
  state: 'running',
  ending: null,
  stage: 'learn',
  done: 1,
  total: 2,
  secondsLeft: 200,
  step: null,
  learning,
  outcome: null,
  error: null,
};

test('what it does and how far it is are said in words', () => {
  expect(wordsOfState(view)).toBe('Learning');
  expect(wordsOfProgress(view)).toBe('Step 60 · about 3 min left');
  expect(wordsOfState({ ...view, stage: null })).toBe('Beginning …');
  expect(wordsOfState({ ...view, ending: 'pause' })).toMatch(/^Pausing/);
  expect(wordsOfState({ ...view, state: 'waiting' })).toMatch(/segmentations come first/);
  const judging = { ...view, stage: 'predict', step: { number: 2, total: 3, name: 'v' } } as const;
  expect(wordsOfState(judging)).toBe('2 of 3: v · Segmenting');
  expect(wordsOfProgress({ ...judging, learning: { ...learning, fold: 1, folds: 5 } })).toBe(
    'Network 2 of 5 · Step 60',
  );
});

test('the curve is said in numbers, also in German', async () => {
  expect(wordsOfLoss(learning)).toBe('Loss: 1.50 at first, 0.0123 now');
  expect(wordsOfAgreement(learning)).toMatch(/: 0\.800 before, 0\.900 now$/);
  expect(wordsOfBest(learning)).toMatch(/0\.930, after 25 steps/);
  await setLanguage('de');
  expect(wordsOfLoss(learning)).toBe('Verlust: anfangs 1,50, jetzt 0,0123');
  await setLanguage('en');
  const atFirst = { ...learning, curve: { losses: [], judgements: learning.curve.judgements.slice(0, 1) } };
  expect(wordsOfLoss(atFirst)).toBe('Loss');
  expect(wordsOfBest(atFirst)).toBeNull();
});

test('a row a judgement has the loss of the steps before it', () => {
  expect(learningRows(learning)).toEqual([
    { steps: 0, loss: null, agreement: 0.8 },
    { steps: 25, loss: 0.5, agreement: 0.93 },
    { steps: 50, loss: 0.0123, agreement: 0.9 },
  ]);
});

test('numbers are no better than they are', () => {
  expect(formatAgreement(0.9999)).toBe('0.999');
  expect(formatAgreement(1)).toBe('1.000');
  expect(formatLoss(123.4)).toBe('123');
  expect(formatLoss(Number.NaN)).toBe('–');
});
