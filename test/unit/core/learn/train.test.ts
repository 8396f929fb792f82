import { describe, expect, it, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../../../main/core/learn/train/checkpoint.ts';
import { learningCurve } from '../../../../main/core/learn/train/learning-curve.ts';
import { train, type TrainOptions, type TrainState } from '../../../../main/core/learn/train/train.ts';
import {
  adamW,
  type OptimizerState,
  type Parameters,
} from '../../../../main/core/learn/optimize/optimizer.ts';

/** One weight that is to become 3; judged every second step. */
function task(change: Partial<TrainOptions> = {}): TrainOptions {
  const weights = new Map([['w', Float32Array.of(0)]]);
  return {
    weights,
    optimizer: adamW({ weightDecay: 0 }),
    schedule: () => 0.1,
    step: () => {
      const error = weights.get('w')![0]! - 3;
      return Promise.resolve({
        loss: error * error,
        gradients: new Map([['w', Float32Array.of(2 * error)]]),
      });
    },
    isOver: (steps) => steps >= 5,
    judge: (each) => Promise.resolve(-Math.abs(each.get('w')![0]! - 3)),
    judgeEvery: 2,
    clip: 100,
    averageDecay: 0.5,
    ...change,
  };
}

describe('learning', () => {
  it('tells of every step and every judgement, and keeps them', async () => {
    const seen: [number, number, number][] = [];
    const { judgements, losses } = await train(
      task({
        onProgress: (state) => seen.push([state.steps, state.losses.length, state.judgements.length]),
      }),
    );
    expect(seen.map(([steps]) => steps)).toEqual([0, 1, 2, 2, 3, 4, 4, 5, 5]);
    expect(seen.every(([steps, count]) => steps === count)).toBe(true);
    expect(seen.map(([, , judged]) => judged)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 4]);
    expect(judgements.map(({ steps }) => steps)).toEqual([0, 2, 4, 5]);
    expect(judgements.at(-1)!.score).toBeGreaterThan(judgements[0]!.score);
    expect(losses).toHaveLength(5);
  });

  it('asks for the rate of each step by how good it was at the start, gone on with or not', async () => {
    const asked: [number, number][] = [];
    const checkpoints: TrainState[] = [];
    const options = task({
      schedule: (step, firstScore) => {
        asked.push([step, firstScore]);
        return 0.1;
      },
      isOver: (steps) => steps >= 2,
      onCheckpoint: (state) => checkpoints.push({ ...state, losses: [...state.losses] }),
    });
    await train(options);
    await train({ ...options, isOver: (steps) => steps >= 3 }, checkpoints.at(-1));
    expect(asked).toEqual([
      [0, -3],
      [1, -3],
      [2, -3],
    ]);
  });

  it('leaves a checkpoint of before the step where a step is stopped', async () => {
    const options = task();
    const checkpoints: TrainState[] = [];
    let steps = 0;
    const stopped = task({
      step: () => (steps++ === 3 ? Promise.reject(new Error('stopped')) : options.step()),
      weights: options.weights,
      onCheckpoint: (state) => checkpoints.push({ ...state, losses: [...state.losses] }),
    });
    await expect(train(stopped)).rejects.toThrow('stopped');
    expect(checkpoints.map((each) => each.steps)).toEqual([2, 3]);
    expect(checkpoints[1]!.losses).toHaveLength(3);
  });

  it('leaves one where it is stopped while it judges, and judges first thing when it goes on', async () => {
    const whole = await train(task());
    const options = task();
    const optimizer = options.optimizer;
    const checkpoints: Uint8Array[] = [];
    let judged = 0;
    const stopped: TrainOptions = {
      ...options,
      judge: (each) => (judged++ === 2 ? Promise.reject(new Error('stopped')) : options.judge(each)),
      onCheckpoint: (state) =>
        checkpoints.push(encodeCheckpoint({ state, optimizer: optimizer.state, random: 7, seconds: 3 })),
    };
    await expect(train(stopped)).rejects.toThrow('stopped');
    const read = decodeCheckpoint(checkpoints.at(-1)!, options.weights, optimizer);
    expect(read.state.steps).toBe(4);
    expect(read.state.judgements.map(({ steps }) => steps)).toEqual([0, 2]);
    const goesOn = task({ weights: options.weights, optimizer: adamW({ weightDecay: 0 }, read.optimizer) });
    const again = await train({ ...goesOn, step: options.step }, read.state);
    expect(again.judgements.map(({ steps }) => steps)).toEqual([0, 2, 4, 5]);
    expect(again.bestScore).toBe(whole.bestScore);
    expect(again.best).toEqual(whole.best);
  });

  it('goes on from a checkpoint with the curve that it had, and judges nothing twice', async () => {
    const whole = await train(task());
    const state: TrainState = { ...whole, losses: [...whole.losses] };
    const optimizer = { steps: 5, moments: new Map() };
    const bytes = encodeCheckpoint({ state, optimizer, random: 7, seconds: 3 });
    const read = decodeCheckpoint(bytes, whole.weights, adamW());
    expect(read.state.judgements.map(({ steps }) => steps)).toEqual([0, 2, 4, 5]);
    const again = await train(task(), read.state);
    expect(again.losses).toEqual(whole.losses.map(Math.fround));
    expect(again.judgements).toHaveLength(4);
  });
});

test('a checkpoint with moments of some weights alone, or half a step, is refused', async () => {
  const { end: _end, ...state } = await train(task());
  const two: Parameters = new Map([...state.weights, ['another', new Float32Array(2)]]);
  const all = { ...state, weights: two, average: two, best: two };
  const data = new Float32Array(1);
  const some: OptimizerState = { steps: 5, moments: new Map([['w', [data, data]]]) };
  const bytesOf = (change: object, optimizer = some) =>
    encodeCheckpoint({ state: { ...all, ...change }, optimizer, random: 7, seconds: 3 });
  expect(() => decodeCheckpoint(bytesOf({}), two, adamW())).toThrow(/not of this network/);
  const none = { steps: 0, moments: new Map() };
  expect(decodeCheckpoint(bytesOf({}, none), two, adamW()).state.steps).toBe(5);
  expect(() => decodeCheckpoint(bytesOf({ steps: 0.5 }, none), two, adamW())).toThrow(/steps is no count/);
});

describe('a learning curve', () => {
  it('is the steps themselves where there are few', () => {
    const { losses, judgements } = learningCurve([3, 2, 1], [{ steps: 0, score: 0.5 }]);
    expect(losses).toEqual([
      { steps: 1, loss: 3 },
      { steps: 2, loss: 2 },
      { steps: 3, loss: 1 },
    ]);
    expect(judgements).toEqual([{ steps: 0, score: 0.5 }]);
  });

  it('is means of as many steps where there are many, and ends with the last judgement', () => {
    const many = Array.from({ length: 1001 }, (_, step) => step);
    const judged = many.map((steps) => ({ steps, score: steps / 1000 }));
    const { losses, judgements } = learningCurve(many, judged, 100);
    expect(losses.length).toBeLessThanOrEqual(100);
    expect(losses[0]).toEqual({ steps: 11, loss: 5 });
    expect(losses.at(-1)!.steps).toBe(1001);
    expect(judgements.length).toBeLessThanOrEqual(101);
    expect(judgements.at(-1)).toEqual({ steps: 1000, score: 1 });
  });
});
