import type { Optimizer, Parameters } from '../../core/learn/optimize/optimizer.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../core/learn/train/checkpoint.ts';
import {
  train,
  type Step,
  type Trained,
  type TrainOptions,
  type TrainState,
} from '../../core/learn/train/train.ts';
import { OnnxFormatError } from '../../core/onnx/onnx-format-error.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import { readMessages } from '../read-messages.ts';

/** Learning ends with the first of these; only steps end at the same weights every time. */
export interface Limits {
  readonly steps: number | null;
  readonly seconds: number | null;
}

export interface LearnOptions extends Pick<TrainOptions, 'judge' | 'judgeEvery' | 'clip' | 'averageDecay'> {
  /** Changed in place, by a checkpoint first. */
  readonly weights: Parameters;
  readonly limits: Limits;
  /** Its state is that of the checkpoint where there is one. */
  readonly optimizer: Optimizer;
  /**
   * The learning rate, by the part of the learning that is done, which time may limit, by the steps, and by how good the weights were
   * that it began with.
   */
  readonly rateAt: (progress: number, steps: number, firstScore: number) => number;
  /** What `step` draws from. */
  readonly random: SeededRandom;
  /** @param steps those that were done */
  readonly step: (progress: number, steps: number) => Promise<Step>;
  /** Of an earlier run of the same work. */
  readonly checkpoint: Uint8Array | null;
  readonly signal?: AbortSignal | undefined;
  /** Of each judgement, and of steps as often as they can be followed. */
  readonly onProgress?: (news: LearningNews) => void;
  readonly onCheckpoint?: (steps: number, checkpoint: Uint8Array) => unknown;
}

export interface LearningNews {
  readonly state: TrainState;
  /** Part that is done. */
  readonly progress: number;
  /** Until a limit; null before the first step where only steps are limited. */
  readonly secondsLeft: number | null;
}

export interface Learnt extends Trained {
  /** Those of an earlier run among them. */
  readonly seconds: number;
}

/**
 * Learns until a limit, from a checkpoint where there is one, and says how far it is. Throws what `step` and `judge` do,
 * AppFailure `cancelled`.
 */
export async function learnWeights(options: LearnOptions): Promise<Learnt> {
  const { weights, limits, random, rateAt, optimizer } = options;
  const earlier = options.checkpoint && readCheckpoint(options.checkpoint, weights, optimizer);
  if (earlier) {
    random.state = earlier.random;
    optimizer.state.steps = earlier.optimizer.steps;
    for (const [name, moments] of earlier.optimizer.moments) optimizer.state.moments.set(name, moments);
    for (const [name, data] of earlier.state.weights) weights.get(name)!.set(data);
  }
  const clock = startClock(earlier?.seconds ?? 0);
  const progressAt = (steps: number): number =>
    Math.max(
      limits.steps === null ? 0 : steps / limits.steps,
      limits.seconds === null ? 0 : clock() / limits.seconds,
    );
  let done = earlier?.state.steps ?? 0;
  const trained = await train(
    {
      ...options,
      schedule: (steps, firstScore) => rateAt(Math.min(1, progressAt(steps)), steps, firstScore),
      isOver: (steps) => progressAt((done = steps)) >= 1,
      step: async () => {
        await readMessages(options.signal);
        const before = random.state;
        try {
          return await options.step(progressAt(done), done);
        } catch (error) {
          // Who goes on from here draws this patch again.
          random.state = before;
          throw error;
        }
      },
      onProgress: seldom((state) => {
        const progress = Math.min(1, progressAt(state.steps));
        options.onProgress?.({ state, progress, secondsLeft: secondsLeft(limits, state.steps, clock()) });
      }),
      onCheckpoint: (state) => {
        const seconds = clock();
        const bytes = encodeCheckpoint({ state, optimizer: optimizer.state, random: random.state, seconds });
        return options.onCheckpoint?.(state.steps, bytes);
      },
    },
    earlier?.state,
  );
  return { ...trained, seconds: clock() };
}

/** Null for a damaged one: the same order would fail with it every time, and can as well begin anew. */
function readCheckpoint(bytes: Uint8Array, weights: Parameters, optimizer: Optimizer): Checkpoint | null {
  try {
    return decodeCheckpoint(bytes, weights, optimizer);
  } catch (error) {
    if (error instanceof OnnxFormatError) return null;
    throw error;
  }
}

function secondsLeft({ steps, seconds }: Limits, done: number, spent: number): number | null {
  const byTime = seconds === null ? Infinity : seconds - spent;
  const bySteps = steps === null || done === 0 ? Infinity : (spent / done) * (steps - done);
  const least = Math.max(0, Math.min(byTime, bySteps));
  return Number.isFinite(least) ? least : null;
}

/** A curve is long, and nobody sees it change more often. */
const newsEveryMs = 100;

function seldom(tell: (state: TrainState) => void): (state: TrainState) => void {
  let toldAt = -Infinity;
  let judgements = 0;
  return (state) => {
    const now = performance.now();
    if (now - toldAt < newsEveryMs && state.judgements.length === judgements) return;
    toldAt = now;
    judgements = state.judgements.length;
    tell(state);
  };
}

/** Seconds since the start, those of an earlier run among them. */
function startClock(before: number): () => number {
  const start = performance.now();
  return () => before + (performance.now() - start) / 1000;
}
