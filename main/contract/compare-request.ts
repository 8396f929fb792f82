import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import type { Grid } from '../core/volume/volume.ts';
import type { VolumeSource } from './engine-protocol.ts';

/** Reads a labelmap that somebody else made: a NIfTI file or a DICOM SEG on the grid of an image. */
export interface ReadLabelmap {
  readonly request: {
    readonly jobId: string;
    readonly path: string;
    readonly image: VolumeSource;
    /** Of the image; empty where it has none. */
    readonly frameOfReferenceUid: string;
    /** Those that may occur beside 0; at least one of them has to. */
    readonly values: readonly number[];
  };
  /** gzip of the uint8 labelmap, z, y, x order on the grid of the image. */
  readonly answer: Uint8Array;
}

/** Compares two labelmaps on one grid, label by label. */
export interface CompareLabelmaps {
  readonly request: {
    readonly jobId: string;
    readonly grid: Grid;
    /** gzip of uint8 labels, z, y, x order on `grid`, both. */
    readonly referenceGz: Uint8Array;
    readonly comparedGz: Uint8Array;
    readonly values: readonly number[];
    /** Distance up to which two surfaces count as the same. */
    readonly toleranceMm: number;
  };
  /** In the order of `values`. */
  readonly answer: readonly LabelFidelity[];
}
