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
    /** Mean Dice of the variant against the full model; null or left out where nobody knows it. */
    readonly variantOverlap?: number | null | undefined;
    readonly device: string;
    /** The result that a person edited this one from; null or left out: as the network made it. */
    readonly editedFrom?: string | null | undefined;
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

/**
 * `df-0.5 (97.3 % overlap with the full model)`; the full variant, and one never evaluated, by their names alone; what a
 * person changed of its labels is said beside it.
 */
export function describeVariant({ variant, variantOverlap, editedFrom }: VariantOf): string {
  const edited = typeof editedFrom === 'string' ? ', edited by hand' : '';
  if (variantOverlap === undefined || variantOverlap === null || variantOverlap === 1)
    return variant + edited;
  // Rounded down: 99.96 % is not all of it.
  return `${variant} (${Math.floor(variantOverlap * 1000 + 1e-9) / 10} % overlap with the full model)${edited}`;
}

type VariantOf = Pick<Report['provenance'], 'variant' | 'variantOverlap' | 'editedFrom'>;

/** Which UIDs the source lacks, so that those in the report name nothing that an archive knows. */
export function standInsOf(source: Report['source']): string[] {
  if (source.kind !== 'dicom') return [];
  const uids = { study: source.studyInstanceUid, series: source.seriesInstanceUid };
  return Object.entries(uids).flatMap(([level, uid]) => (isStandInUid(uid) ? [level] : []));
}
