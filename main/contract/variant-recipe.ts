/** How a variant of a model was made. */
export type VariantRecipe =
  | { readonly kind: 'full' }
  /** Tucker-2 by HOOI, ranks by the paper's rule (arXiv 2404.09683). */
  | {
      readonly kind: 'tucker';
      readonly method: 'plain';
      readonly factor: number;
      readonly rankMin: number;
      readonly layersDecomposed: number;
      readonly layers: number;
      readonly largestError: number;
    };

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
