import type { JobInput } from '../contract/job.ts';

/** CT intensities are in HU; those of MR are arbitrary, and NIfTI does not say. */
export function intensityUnit({ channels }: JobInput): string {
  return channels[0]?.kind === 'dicom' && channels[0].modality === 'CT' ? 'HU' : '';
}
