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
