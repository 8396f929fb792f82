import type { TrainRecipe, RecipePart } from '../core/learn/recipe/train-recipe.ts';
import type { Judgement } from '../core/learn/train/learning-curve.ts';
import type { Normalization } from '../core/model/segmentation-model.ts';
import type { VolumeSource } from './engine-protocol.ts';
import type { LabelFile } from './label-file.ts';

/** Trains a network from scratch on labelled images, or on images that a rule labels. */
export interface TrainNetwork {
  readonly request: TrainRequest;
  readonly answer: TrainedNetwork;
}

export interface TrainRequest {
  readonly jobId: string;
  readonly recipe: TrainRecipe;
  readonly images: readonly TrainImage[];
  /** To judge on: never learnt from. */
  readonly heldOut: readonly TrainImage[];
  readonly limits: TrainLimits;
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
  /** Where an earlier run of the same work was. */
  readonly checkpoint: { readonly steps: number; readonly bytes: Uint8Array } | null;
}

/** Exactly one is given: the same steps give the same weights, minutes do not. */
export interface TrainLimits {
  readonly steps: number | null;
  readonly minutes: number | null;
}

export interface TrainImage {
  readonly name: string;
  readonly source: VolumeSource;
  readonly part: RecipePart;
  /** null where the recipe's rule makes the labels. */
  readonly labels: LabelFile | null;
}

export interface TrainedNetwork {
  /** An ONNX file. */
  readonly network: Uint8Array;
  readonly normalization: Normalization;
  readonly steps: number;
  readonly seconds: number;
  /** Of every step. */
  readonly losses: readonly number[];
  /** Mean Dice on parts of the images held out, as the averaged weights were judged. */
  readonly judgements: readonly Judgement[];
  /** Of the weights that were kept. */
  readonly bestScore: number;
  /** The loss became no number; what was kept is from before. */
  readonly diverged: boolean;
  /** Of the kept network on each image held out, whole, on the grid of the network. */
  readonly heldOut: readonly HeldOutImage[];
}

export interface HeldOutImage {
  readonly name: string;
  /** By value, the background among them; those that neither has are left out. */
  readonly labels: readonly HeldOutLabel[];
}

export interface HeldOutLabel {
  readonly value: number;
  readonly name: string;
  readonly dice: number;
  readonly referenceVoxels: number;
  readonly predictedVoxels: number;
}
