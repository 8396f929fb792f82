import type { LabelMeasurement } from '../core/segment/6-measure/measurement.ts';
import type { Grid } from '../core/volume/volume.ts';
import type { VolumeSource } from './engine-protocol.ts';

/** Checks and measures labels that a person edited in the window. Nothing of them is trusted. */
export interface MeasureEdit {
  readonly request: {
    readonly jobId: string;
    /** The first channel, whose intensities are measured. */
    readonly source: VolumeSource;
    /** Of the result that was edited, and of `source`. */
    readonly grid: Grid;
    /** gzip of uint8 labels, z, y, x order on `grid`. */
    readonly labelsGz: Uint8Array;
    /** Of the model: no other value but 0 may occur. */
    readonly labels: readonly { readonly value: number; readonly name: string }[];
  };
  readonly answer: {
    /** The labels as they are to be stored: compressed again. */
    readonly labelsGz: Uint8Array;
    /** Of the labels themselves, hexadecimal. */
    readonly labelsSha256: string;
    readonly measurements: readonly LabelMeasurement[];
  };
}
