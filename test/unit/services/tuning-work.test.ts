import { expect, onTestFinished, test, vi } from 'vitest';
import { AppFailure, type AppError } from '../../../main/contract/app-error.ts';
import type { Learning } from '../../../main/contract/engine-protocol.ts';
import type { TuningOutcome, TuningView } from '../../../main/contract/ipc/tuning-channels.ts';
import { openDatabase } from '../../../main/db/database.ts';
import type { Context } from '../../../main/services/context.ts';
import { ModelWorkSlot } from '../../../main/services/model-work.ts';
import type { AskModelsOptions, ModelsInProcess } from '../../../main/services/models-in-process.ts';
import { TuningWork } from '../../../main/services/tuning-work.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

const order = { model: 'm', variant: 'df-0.3', on: ['/a', '/b'], holdOut: [], minutes: 5 };
const outcome: TuningOutcome = {
  variant: 'df-0.3-tuned',
  images: [{ name: 'b', before: 0.8, after: 0.9 }],
  steps: 50,
  seconds: 9,
  diverged: false,
};

const learningAt = (steps: number): Learning => ({
  fold: 0,
  folds: 1,
  steps,
  mostSteps: 100,
  loss: 1 / (1 + steps),
  agreement: 0.9,
  curve: {
    losses: [],
    judgements: [{ steps: 0, score: 0.8 }, ...(steps > 0 ? [{ steps, score: 0.9 }] : [])],
  },
});

interface Asked {
  readonly kind: string;
  readonly options: AskModelsOptions;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: AppError) => void;
}

/** A tuning of a window whose process of models says what the test tells it to; cancelled, it ends as such. */
function setUp(dataDir = tempDir()) {
  const db = openDatabase(dataDir);
  onTestFinished(() => void (db.open && db.close()));
  const asked: Asked[] = [];
  const models = {
    ask: (kind: string, _args: unknown, options: AskModelsOptions = {}) =>
      new Promise((resolve, reject) => {
        const fail = (error: AppError) => reject(new AppFailure(error));
        options.signal?.addEventListener('abort', () => fail({ code: 'cancelled' }));
        asked.push({ kind, options, answer: resolve, fail });
      }),
  } as unknown as ModelsInProcess;
  let count = 0;
  const context = {
    db,
    now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, count)).toISOString(),
    newId: () => `order-${++count}`,
  } as unknown as Context;
  const slot = new ModelWorkSlot(() => {});
  const told: (TuningView | null)[] = [];
  const bugs: unknown[] = [];
  const begin = () =>
    new TuningWork(context, {
      slot,
      models,
      onChange: (view) => told.push(view),
      onBug: (bug) => bugs.push(bug),
    });
  const tuning = begin();
  const reaches = (state: TuningView['state']) => vi.waitFor(() => expect(tuning.view?.state).toBe(state));
  return { dataDir, db, tuning, begin, slot, asked, told, bugs, reaches };
}

test('a tuning runs in the place of work with models, tells how it goes, and ends with what came of it', async () => {
  const { tuning, asked, told, slot, reaches, bugs } = setUp();
  tuning.start(order);
  expect(tuning.view).toMatchObject({ state: 'running', stage: null, order });
  expect(slot.current?.kind).toBe('tune');
  expect(asked.map(({ kind }) => kind)).toEqual(['tune']);
  asked[0]!.options.onProgress!({
    stage: 'learn',
    done: 5,
    total: 10,
    secondsLeft: 7,
    learning: learningAt(25),
  });
  expect(told.at(-1)).toMatchObject({ stage: 'learn', done: 5, secondsLeft: 7, learning: { steps: 25 } });
  expect(() => tuning.start(order)).toThrow(/is being tuned/);
  asked[0]!.answer(outcome);
  await reaches('done');
  expect(tuning.view).toMatchObject({ outcome, learning: { steps: 25 } });
  expect(slot.current).toBeNull();
  tuning.start({ ...order, variant: 'df-0.5' });
  expect(tuning.view).toMatchObject({ state: 'running', outcome: null, learning: null });
  expect(bugs).toEqual([]);
});

test('paused it frees the place, and goes on with the curve that it had, also after the program ended', async () => {
  const { tuning, asked, slot, reaches, begin } = setUp();
  tuning.start(order);
  asked[0]!.options.onProgress!({ stage: 'learn', learning: learningAt(25) });
  tuning.pause();
  expect(tuning.view?.ending).toBe('pause');
  await reaches('paused');
  expect(slot.current).toBeNull();
  expect(tuning.view).toMatchObject({ ending: null, error: null, learning: { steps: 25 } });
  tuning.goOn();
  expect(asked).toHaveLength(2);
  expect(tuning.view?.state).toBe('running');
  // As if the program had been closed over it.
  tuning.stop();
  const next = begin();
  expect(next.view).toMatchObject({ state: 'paused', order, learning: { steps: 25 } });
});

test('segmentations come first: it waits for them, and goes on by itself', async () => {
  const { tuning, asked, reaches } = setUp();
  tuning.start(order);
  tuning.hold(true);
  await reaches('waiting');
  tuning.hold(true);
  tuning.hold(false);
  expect(tuning.view?.state).toBe('running');
  expect(asked).toHaveLength(2);
  // The last segmentation ends before the step does.
  tuning.hold(true);
  tuning.hold(false);
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(tuning.view?.state).toBe('running');
  // Who pauses it means it.
  tuning.hold(true);
  await reaches('waiting');
  tuning.pause();
  tuning.hold(false);
  expect(tuning.view?.state).toBe('paused');
});

test('begun while a segmentation runs, it waits at once', () => {
  const { tuning, asked } = setUp();
  tuning.hold(true);
  tuning.start(order);
  expect(tuning.view?.state).toBe('waiting');
  expect(asked).toEqual([]);
});

test.each([
  [{ code: 'engine-died', detail: 'gone' }, 'paused'],
  [{ code: 'out-of-memory', device: 'cpu', detail: 'too little' }, 'failed'],
] as const)('after %o it is %s, says why, and can go on', async (error, state) => {
  const { tuning, asked, reaches, bugs } = setUp();
  tuning.start(order);
  asked[0]!.fail(error);
  await reaches(state);
  expect(tuning.view?.error).toEqual(error);
  tuning.goOn();
  expect(tuning.view).toMatchObject({ state: 'running', error: null });
  expect(bugs).toEqual([]);
});

test('discarded, nothing of it stays', async () => {
  const { tuning, asked, told, db } = setUp();
  tuning.start(order);
  await tuning.discard();
  await vi.waitFor(() => expect(asked.map(({ kind }) => kind)).toEqual(['tune', 'forget-tuning']));
  asked[1]!.answer(null);
  await vi.waitFor(() => expect(tuning.view).toBeNull());
  expect(told.at(-1)).toBeNull();
  expect(db.prepare('SELECT count(*) FROM tune_orders').pluck().get()).toBe(0);
});

test('where it cannot be forgotten it is paused, says why, and can be discarded again', async () => {
  const { tuning, asked, reaches, bugs } = setUp();
  tuning.start(order);
  await tuning.discard();
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  const error = { code: 'engine-died', detail: 'gone' } as const;
  asked[1]!.fail(error);
  await reaches('paused');
  expect(tuning.view?.error).toEqual(error);
  const discarded = tuning.discard();
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  asked[2]!.answer(null);
  await discarded;
  expect(tuning.view).toBeNull();
  expect(bugs).toEqual([]);
});

test('nothing is begun while other work with models is done', async () => {
  const { tuning, slot, asked, reaches } = setUp();
  let end = (): void => {};
  const other = slot.run('compress', 'm', () => new Promise<void>((resolve) => (end = resolve)));
  expect(() => tuning.start(order)).toThrow(/not finished yet/);
  expect(tuning.view).toBeNull();
  end();
  await other;
  tuning.start(order);
  tuning.hold(true);
  await reaches('waiting');
  const another = slot.run('compress', 'm', () => new Promise<void>((resolve) => (end = resolve)));
  tuning.hold(false);
  expect(tuning.view).toMatchObject({ state: 'paused', error: { code: 'usage' } });
  expect(asked).toHaveLength(1);
  end();
  await another;
});
