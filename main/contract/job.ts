import type { Series, Study } from '../core/dicom/study.ts';
import type { VolumeSource } from './engine-protocol.ts';

/** Attributes of the study and series that an exported object repeats; kept with the job, so that a result
 * can be exported after its folder was scanned again or is gone. */
export type JobOrigin =
  | {
      readonly kind: 'dicom';
      readonly study: Omit<Study, 'series'>;
      readonly series: Omit<Series, 'volumes'>;
    }
  | { readonly kind: 'nifti' };

/** What a job reads. */
export interface JobInput {
  /** The folder or file that the user named. */
  readonly path: string;
  readonly origin: JobOrigin;
  /** In the model's channel order; the first gives the result's grid. */
  readonly channels: readonly VolumeSource[];
}

export type JobState = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';
