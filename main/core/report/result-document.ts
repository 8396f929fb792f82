import { researchUseOnly, standInsOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * A result as one JSON document. Lengths in mm, volumes in mL, intensities in modality values (HU for CT), indices
 * from 0; `…Zyx` is slice, row, column; positions are LPS. Holds no name, birth date or other identity of a
 * patient but the UIDs.
 */
export function resultDocument({ jobId, provenance, source, grid, measurements }: Report): object {
  const { modelName, modelSha256, variant, variantOverlap = null, editedFrom = null } = provenance;
  const { device, geometry, createdAt, appVersion } = provenance;
  return {
    notice: researchUseOnly,
    format: { name: 'thinslice-result', version: 1 },
    job: jobId,
    createdAt,
    application: { name: 'Thinslice', version: appVersion },
    model: { name: modelName, sha256: modelSha256, variant, overlapWithFull: variantOverlap },
    editedFrom,
    device,
    geometry,
    source: source.kind === 'dicom' ? { ...source, standInUids: standInsOf(source) } : source,
    grid,
    labels: measurements,
  };
}
