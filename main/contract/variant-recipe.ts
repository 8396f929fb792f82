import type { Budget } from '../core/tucker/allocate/budget.ts';

/**
 * `plain`: Tucker-2 by HOOI on the weights (arXiv 2404.09683). `aware`: factors fitted, layer by layer, to what the
 * network does with images of the user's own.
 */
export const compressionMethods = ['plain', 'aware'] as const;
export type CompressionMethod = (typeof compressionMethods)[number];

/** How weights are stored and multiplied; fp16 is for GPUs. */
export const precisions = ['fp32', 'fp16'] as const;
export type Precision = (typeof precisions)[number];

/**
 * Which layers are decomposed: those that are measured to be faster for it on this computer's CPU, those that multiply
 * less, or all, as in the paper.
 */
export const layerChoices = ['faster', 'cheaper', 'all'] as const;
export type LayerChoice = (typeof layerChoices)[number];

/** How the ranks of the layers are found. */
export type RankChoice =
  /** The paper's rule: one downsampling factor (DF) in (0, 1] for all layers, and never less than `rankMin`. */
  | { readonly kind: 'factor'; readonly factor: number; readonly rankMin: number }
  /** The ranks that lose least under one budget. */
  | { readonly kind: 'budget'; readonly budget: Budget }
  /** What stands out of the weights' own noise (EVBMF), and never less than `rankMin`. */
  | { readonly kind: 'noise'; readonly rankMin: number };

/** How a variant of a model was made. */
export type VariantRecipe =
  | { readonly kind: 'full'; readonly precision: Precision }
  | {
      readonly kind: 'tucker';
      readonly method: CompressionMethod;
      readonly ranks: RankChoice;
      readonly layersChosen: LayerChoice;
      readonly precision: Precision;
      /** Identities of the images that it was fitted to (`imageKey`); none for the plain method. */
      readonly calibratedOn: readonly string[];
      readonly layersDecomposed: number;
      readonly layers: number;
      readonly largestError: number;
      /** Learnt from the full network or from labels since; left out where it did not. */
      readonly tuned?: TunedBy | undefined;
    };

/** How a variant learnt (`models tune`). */
export interface TunedBy {
  /** The variant that it began as. */
  readonly from: string;
  /** It learnt from labels that somebody drew; left out: from the full network. */
  readonly byLabels?: true | undefined;
  /** Hashes of those labels' files; records of before have none. */
  readonly labelMaps?: readonly string[] | undefined;
  readonly steps: number;
  /** Of learning itself, over all folds; records of before have none. */
  readonly minutes?: number | undefined;
  /** As ordered (`TuneRecipe`). */
  readonly learningRate: number;
  readonly temperature: number;
  readonly foregroundWeight: number;
  readonly weightDecay: number;
  readonly seed: number;
}

/** What one run of a variant's network on one patch takes, from its graph; of its largest fold. */
export interface VariantCosts {
  readonly macs: number;
  /** Read and written by its operators. */
  readonly movedBytes: number;
  /** Largest sum of activations that live at once. */
  readonly activationBytes: number;
  readonly weightBytes: number;
  /** Values a voxel that tiles are blended in: classes, or the features before the head where those are fewer. */
  readonly planeChannels: number;
}
