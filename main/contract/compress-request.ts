/** Makes Tucker-compressed variants of a model's networks, one for each factor. */
export interface CompressRequest {
  readonly jobId: string;
  /** ONNX files, one per fold, each with one input [1, channels, d0, d1, d2]. */
  readonly networks: readonly Uint8Array[];
  readonly inputShape: readonly number[];
  /** The paper's downsampling factors (DF), each in (0, 1]. */
  readonly factors: readonly number[];
  readonly rankMin: number;
}

export interface CompressedVariant {
  readonly factor: number;
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
