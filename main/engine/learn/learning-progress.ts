import type { Progress } from '../../contract/engine-protocol.ts';
import { learningCurve } from '../../core/learn/train/learning-curve.ts';
import type { LearningNews } from './learn-weights.ts';

/** Progress is in parts of these. */
const parts = 1000;

export interface LearningPlace {
  /** From 0. */
  readonly fold: number;
  readonly folds: number;
  /** Of a fold; null where only time is limited. */
  readonly mostSteps: number | null;
  /** That a fold may take, for those that are still to come. */
  readonly secondsAFold: number;
}

/** What is told of learning while it goes on. */
export function learningProgress(
  { state, progress, secondsLeft }: LearningNews,
  { fold, folds, mostSteps, secondsAFold }: LearningPlace,
): Progress {
  const { steps, losses, judgements } = state;
  return {
    stage: 'learn',
    done: Math.round((parts * (fold + progress)) / folds),
    total: parts,
    secondsLeft: secondsLeft === null ? null : secondsLeft + (folds - fold - 1) * secondsAFold,
    learning: {
      fold,
      folds,
      steps,
      mostSteps: mostSteps ?? steps,
      loss: losses.at(-1) ?? null,
      agreement: judgements.at(-1)!.score,
      curve: learningCurve(losses, judgements),
    },
  };
}
