import type { Vec3 } from '../volume/volume.ts';

/** A DICOM coded concept, e.g. { value: '39607008', scheme: 'SCT', meaning: 'Lung' }. */
export interface CodedTerm {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

export interface ModelLabel {
  /** Value in the labelmap, 1…255. Background (0) is not listed. */
  readonly value: number;
  readonly name: string;
  /** Segmented property category and type (PS3.16 CID 7150 and 7151 or near them). */
  readonly category: CodedTerm;
  readonly type: CodedTerm;
  /** Laterality (PS3.16 CID 244), where the type does not say the side itself. */
  readonly typeModifier?: CodedTerm;
  /** Where a finding lies whose type does not say it: the kidney of a cyst. */
  readonly anatomicRegion?: CodedTerm;
  /** Laterality of the region. */
  readonly anatomicRegionModifier?: CodedTerm;
  /** sRGB, 0…255. */
  readonly color: Vec3;
}

export type Normalization =
  /** nnU-Net CTNormalization: clip to [lower, upper], then (v − mean) / max(std, 1e-8). */
  | {
      readonly kind: 'ct';
      readonly lower: number;
      readonly upper: number;
      readonly mean: number;
      readonly std: number;
    }
  /** nnU-Net ZScoreNormalization; `useMask`: statistics and result inside the nonzero mask only. */
  | { readonly kind: 'zscore'; readonly useMask: boolean }
  | { readonly kind: 'none' }
  /** nnU-Net RescaleTo01Normalization; MeshNet's min-max. */
  | { readonly kind: 'min-max' }
  /** nnU-Net RGBTo01Normalization: v / 255. */
  | { readonly kind: 'rgb-to-01' }
  /** (v − q_low) / (q_high − q_low), not clipped; MeshNet's quantile rule (see the manifest's schema). */
  | { readonly kind: 'quantile'; readonly low: number; readonly high: number };

/**
 * How logits become labels. `argmax`: channel c is label value `values[c]` (values[0] = 0, background).
 * `regions`: sigmoid(channel i) > 0.5 paints `values[i]`, later channels over earlier ones.
 */
export interface Decision {
  readonly kind: 'argmax' | 'regions';
  readonly values: readonly number[];
}

/**
 * Everything that inference needs to know beside the network's weights: plain JSON, stored with the model.
 * "Network axes" are the array axes after `orientation` and `transposeForward`, slowest first.
 */
export interface SegmentationModel {
  readonly name: string;
  readonly source: 'nnunet' | 'onnx';
  /** One per input channel, in the network's order. `modality` is a DICOM modality or empty. */
  readonly channels: readonly {
    readonly name: string;
    readonly modality: string;
    readonly normalization: Normalization;
  }[];
  readonly labels: readonly ModelLabel[];
  readonly decision: Decision;
  /**
   * `as-read`: the array z, y, x as the file stores it (SimpleITKIO). Otherwise one letter per array axis,
   * slowest first, the direction in which its index grows: `SAR` for NibabelIOWithReorient (closest RAS),
   * `LIA` for MeshNet.
   */
  readonly orientation: 'as-read' | string;
  /** Array axis (after orientation) that becomes network axis i: nnU-Net's transpose_forward. */
  readonly transposeForward: Vec3;
  /** Network axes, mm. */
  readonly spacingMm: Vec3;
  /** Network axes, voxels. */
  readonly patch: Vec3;
  readonly tiling:
    /** nnU-Net: Gaussian-weighted overlapping tiles, `step` as a fraction of the patch. */
    | { readonly kind: 'gaussian'; readonly step: number }
    /** Fully convolutional network: each tile keeps only what is `margin` voxels from its inner borders. */
    | { readonly kind: 'margin'; readonly marginVoxels: Vec3 };
  /** Network axes that test-time mirroring may flip; empty for none. */
  readonly mirrorAxes: readonly number[];
  /** Crop to the bounding box of nonzero voxels first, as nnU-Net does. */
  readonly cropToNonzero: boolean;
  readonly resampling:
    /** nnU-Net's resample_data_or_seg_to_shape: half-pixel centres, separate z for anisotropic data. */
    | {
        readonly kind: 'nnunet';
        readonly dataOrder: number;
        readonly dataOrderZ: number;
        readonly logitsOrder: number;
        readonly logitsOrderZ: number;
        /** null: decided by the spacing ratio (> 3), as nnU-Net does. */
        readonly forceSeparateZ: boolean | null;
      }
    /** TotalSegmentator's zoom: aligned corners, then labels back by nearest neighbour. */
    | { readonly kind: 'totalsegmentator'; readonly dataOrder: number };
  readonly licence: string;
}
