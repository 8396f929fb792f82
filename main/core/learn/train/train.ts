import { averageWeights, clipGradients, type Optimizer, type Parameters } from '../optimize/optimizer.ts';
import type { Judgement } from './learning-curve.ts';

/** What one step found. */
export interface Step {
  readonly loss: number;
  readonly gradients: Parameters;
}

export interface TrainOptions {
  /** Changed in place. */
  readonly weights: Parameters;
  readonly optimizer: Optimizer;
  /** The learning rate of a step; `firstScore` is that of the weights that it began with. */
  readonly schedule: (step: number, firstScore: number) => number;
  /** Loss and gradients of the weights on a batch that it draws itself. */
  readonly step: () => Promise<Step>;
  /** Asked before each step, with those that were done. */
  readonly isOver: (steps: number) => boolean;
  /** How good weights are, more is better: asked before the first step, after the last, and in between. */
  readonly judge: (weights: Parameters) => Promise<number>;
  readonly judgeEvery: number;
  /** Largest norm of the gradients together (nnU-Net: 12). */
  readonly clip: number;
  /** Of the average of the weights, which is what is judged and kept. */
  readonly averageDecay: number;
  /** After each step and each judgement. */
  readonly onProgress?: (state: TrainState) => void;
  /** Waited for. Whatever is needed to go on from here; also where `step` or `judge` throws, as before that. */
  readonly onCheckpoint?: (checkpoint: TrainState) => unknown;
}

export interface TrainState {
  readonly steps: number;
  readonly weights: Parameters;
  readonly average: Parameters;
  readonly best: Parameters;
  readonly bestScore: number;
  readonly firstScore: number;
  readonly losses: readonly number[];
  /** Of the average, the first before any step. */
  readonly judgements: readonly Judgement[];
}

export type TrainEnd = 'finished' | 'diverged';

export interface Trained extends TrainState {
  /** `diverged`: the loss or a gradient was no number any more; the best weights are from before. */
  readonly end: TrainEnd;
}

const copyOf = (weights: Parameters): Parameters =>
  new Map([...weights].map(([name, data]) => [name, Float32Array.from(data)]));

/**
 * Learns until it is over or diverges, and keeps the averaged weights that were judged best, which may be those that it
 * began with. Whatever `step` and `judge` throw ends it, after a checkpoint but for the first judgement.
 *
 * @param from a checkpoint: its weights have been put into `weights`
 */
export async function train(options: TrainOptions, from?: TrainState): Promise<Trained> {
  const { weights, judge } = options;
  const firstScore = from?.firstScore ?? (await judge(weights));
  const average = from ? copyOf(from.average) : copyOf(weights);
  let best = from?.best ?? copyOf(weights);
  let bestScore = from?.bestScore ?? firstScore;
  const losses = [...(from?.losses ?? [])];
  const judgements = [...(from?.judgements ?? [{ steps: 0, score: firstScore }])];
  let steps = from?.steps ?? 0;
  const state = (): TrainState => ({
    steps,
    weights,
    average,
    best,
    bestScore,
    firstScore,
    losses,
    judgements,
  });
  /** Where it is stopped, who goes on from here does the same again. */
  const orCheckpoint = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await options.onCheckpoint?.(state());
      throw error;
    }
  };
  const judgeNow = async (): Promise<void> => {
    if (judgements.at(-1)?.steps === steps) return;
    const score = await orCheckpoint(() => judge(average));
    if (score > bestScore) [best, bestScore] = [copyOf(average), score];
    judgements.push({ steps, score });
    options.onProgress?.(state());
    await options.onCheckpoint?.(state());
  };
  options.onProgress?.(state());
  for (;;) {
    if (steps % options.judgeEvery === 0) await judgeNow();
    if (options.isOver(steps)) break;
    const { loss, gradients } = await orCheckpoint(options.step);
    const norm = clipGradients(gradients, options.clip);
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) return { ...state(), end: 'diverged' };
    await options.optimizer.step(weights, gradients, options.schedule(steps, firstScore));
    // Early on the average would be of the start alone.
    averageWeights(average, weights, Math.min(options.averageDecay, (1 + steps) / (10 + steps)));
    steps++;
    losses.push(loss);
    options.onProgress?.(state());
  }
  await judgeNow();
  return { ...state(), end: 'finished' };
}
