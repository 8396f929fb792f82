import { researchUseOnly, standInsOf } from './report.ts';
import type { Report } from './report.ts';

/** A cell without a value is empty. */
export type Cell = string | number | null;

/**
 * One row for each label, each complete in itself (model, source, notice), so that rows of many results can be put
 * under each other. Header row first; bounds are first and last voxel index, inclusive.
 */
export function measurementTable({ jobId, provenance, source, measurements }: Report): Cell[][] {
  const about: readonly (readonly [string, Cell])[] = [
    ['job', jobId],
    ['study_instance_uid', source.kind === 'dicom' ? source.studyInstanceUid : null],
    ['series_instance_uid', source.kind === 'dicom' ? source.seriesInstanceUid : null],
    ['stand_in_uids', standInsOf(source).join(' ') || null],
    ['source_file', source.kind === 'nifti' ? source.path : null],
    ['model', provenance.modelName],
    ['model_sha256', provenance.modelSha256],
    ['variant', provenance.variant],
    ['variant_overlap', provenance.variantOverlap ?? null],
    ['edited_from', provenance.editedFrom ?? null],
    ['device', provenance.device],
    ['geometry', provenance.geometry],
    ['thinslice_version', provenance.appVersion],
    ['created_at', provenance.createdAt],
    ['notice', researchUseOnly],
  ];
  const header = ['label', 'name', 'voxels', 'volume_ml', 'mean_intensity', 'sd_intensity', 'touches_edge'];
  const bounds = ['min_z', 'min_y', 'min_x', 'max_z', 'max_y', 'max_x'];
  return [
    [...header, ...bounds, ...about.map(([name]) => name)],
    ...measurements.map((label) => [
      label.value,
      label.name,
      label.voxels,
      label.volumeMl,
      label.meanIntensity,
      label.sdIntensity,
      label.touchesEdge ? 'yes' : 'no',
      ...(label.boundsZyx ? [...label.boundsZyx.min, ...label.boundsZyx.max] : bounds.map(() => null)),
      ...about.map(([, value]) => value),
    ]),
  ];
}
