import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { NetworkSource, VolumeSource } from './engine-protocol.ts';
import type { LabelFile } from './label-file.ts';

/** How a variant learns from the full network; stored with what came of it. */
export interface TuneRecipe {
  /** Of learning itself, over all folds. */
  readonly minutes: number;
  /** It ends after so many steps a fold, if the time is not over before. */
  readonly steps: number;
  /** The largest; what agrees with the full network already learns by less (`leftToLearn`). */
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly temperature: number;
  /** What a voxel with a label counts beside one of background. */
  readonly foregroundWeight: number;
  readonly seed: number;
}

/**
 * Distils the full network into a variant: on unlabelled images, the variant learns to give what the full network gives there. Or
 * the variant learns from labels.
 */
export interface TuneNetworks {
  readonly request: TuneRequest;
  readonly answer: TunedNetworks;
}

export interface TuneRequest {
  readonly jobId: string;
  readonly model: SegmentationModel;
  /** Of the variant and of the full model: ONNX files, one a fold. */
  readonly networks: readonly NetworkSource[];
  /** null: it learns from the labels of the images, and all of them have some. */
  readonly teachers: readonly NetworkSource[] | null;
  /** To learn on. */
  readonly images: readonly TuneImage[];
  /** To judge on: never learnt from. */
  readonly heldOut: readonly TuneImage[];
  readonly recipe: TuneRecipe;
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
  /** Where an earlier run of the same work was. */
  readonly checkpoint: TuneCheckpoint | null;
}

export interface TuneImage {
  /** In the model's order. */
  readonly channels: readonly VolumeSource[];
  readonly labels: LabelFile | null;
}

export interface TunedNetworks {
  readonly networks: readonly Uint8Array[];
  readonly folds: readonly TunedFold[];
}

export interface TunedFold {
  readonly steps: number;
  readonly seconds: number;
  /** Of every step. */
  readonly losses: readonly number[];
  /** Mean Dice with the full network, or with the labels, on patches of the images held out: at the start, and of the weights that were kept. */
  readonly agreementBefore: number;
  readonly agreementAfter: number;
  /** The loss became no number; what was kept is from before. */
  readonly diverged: boolean;
}

/** Enough to go on from: sent now and then. */
export interface TuneCheckpoint {
  /** The folds that are finished come before this one. */
  readonly fold: number;
  readonly steps: number;
  readonly finished: TunedNetworks;
  /** `core/learn/train/checkpoint.ts` */
  readonly bytes: Uint8Array;
}
