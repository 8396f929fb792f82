import type { RecipePart, TrainRecipe } from '../core/learn/recipe/train-recipe.ts';
import type { Judgement } from '../core/learn/train/learning-curve.ts';
import type { HeldOutLabel, TrainLimits } from './train-request.ts';

/**
 * How a network was trained: enough to train it again. Nothing in it depends on when or how fast, so that the same recipe,
 * data and steps give the same card; and images go by their hashes, since their names may be those of patients.
 */
export interface ModelCard {
  readonly format: 'thinslice-card/1';
  readonly appVersion: string;
  /** Seed and minutes as they were. */
  readonly recipe: TrainRecipe;
  readonly limits: TrainLimits;
  readonly data: readonly CardImage[];
  readonly steps: number;
  /** Of every step, six digits. */
  readonly losses: readonly number[];
  /** Mean Dice on parts of what is held out, six digits. */
  readonly judgements: readonly Judgement[];
  readonly diverged: boolean;
  /** Of the network that was kept, on each image held out. */
  readonly heldOut: readonly { readonly sha256: string; readonly labels: readonly HeldOutLabel[] }[];
}

export interface CardImage {
  /** Of its file, or of its DICOM files in the order of the slices. */
  readonly sha256: string;
  /** Of its label map; null where a rule made the labels. */
  readonly labels: string | null;
  readonly learn: RecipePart | null;
  readonly holdOut: RecipePart | null;
}
