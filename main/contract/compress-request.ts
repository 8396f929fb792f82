import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { VolumeSource } from './engine-protocol.ts';
import type { CompressionMethod, LayerChoice, Precision, RankChoice } from './variant-recipe.ts';

/** Makes Tucker-compressed variants of a model's networks, one a rung. */
export interface CompressRequest {
  readonly jobId: string;
  readonly model: SegmentationModel;
  /** ONNX files, one per fold, each with one input [1, channels, d0, d1, d2]. */
  readonly networks: readonly Uint8Array[];
  readonly rungs: readonly RankChoice[];
  readonly layers: LayerChoice;
  readonly method: CompressionMethod;
  readonly precision: Precision;
  /** Unlabelled images for the method `aware`, each with its channels in the model's order. */
  readonly calibration: readonly (readonly VolumeSource[])[];
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
}

export interface CompressedVariant {
  readonly rung: RankChoice;
  readonly networks: readonly Uint8Array[];
  /** Of all folds together. */
  readonly parameters: number;
  /** Of one patch, all folds together. */
  readonly macs: number;
  /** Layers that were decomposed, of all that could have been, over the folds. */
  readonly layersDecomposed: number;
  readonly layers: number;
  /** ‖W − Ŵ‖ / ‖W‖ of the worst layer. */
  readonly largestError: number;
}
