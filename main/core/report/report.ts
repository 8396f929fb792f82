import { isStandInUid } from '../dicom/read/stand-in-uid.ts';
import type { LabelMeasurement } from '../segment/6-measure/measurement.ts';
import type { Grid } from '../volume/volume.ts';

/** The words that every export carries. */
export const researchUseOnly = 'Research use only. Not for clinical use.';

/** What a report says about one result, beside its files. */
export interface Report {
  readonly jobId: string;
  readonly provenance: {
    readonly appVersion: string;
    readonly modelName: string;
    readonly modelSha256: string;
    readonly variant: string;
    readonly device: string;
    /** The geometry gate's verdict, in words. */
    readonly geometry: string;
    /** ISO 8601, UTC. */
    readonly createdAt: string;
  };
  readonly source:
    | {
        readonly kind: 'dicom';
        readonly studyInstanceUid: string;
        readonly seriesInstanceUid: string;
        readonly part: string;
      }
    | { readonly kind: 'nifti'; readonly path: string };
  readonly grid: Grid;
  readonly measurements: readonly LabelMeasurement[];
}

/** Which UIDs the source lacks, so that those in the report name nothing that an archive knows. */
export function standInsOf(source: Report['source']): string[] {
  if (source.kind !== 'dicom') return [];
  const uids = { study: source.studyInstanceUid, series: source.seriesInstanceUid };
  return Object.entries(uids).flatMap(([level, uid]) => (isStandInUid(uid) ? [level] : []));
}
