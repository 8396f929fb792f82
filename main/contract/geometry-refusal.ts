import { describeVerdict } from '../core/dicom/read/describe-verdict.ts';
import type { SeriesVolume } from '../core/dicom/study.ts';
import { AppFailure, type AppError } from './app-error.ts';

type Where = Pick<AppError & { code: 'geometry-refused' }, 'path' | 'problem'>;

/** A volume with a grid, as those are that the geometry gate let through. */
export type UsableVolume = SeriesVolume & { readonly grid: NonNullable<SeriesVolume['grid']> };

/** Whether the geometry gate let a volume through. */
export function isUsable(volume: SeriesVolume): volume is UsableVolume {
  return volume.grid !== null && volume.verdict.outcome !== 'refused';
}

/** Why the geometry gate refused a volume. */
export function geometryRefusal({ id, verdict }: SeriesVolume, where: Where = {}): AppFailure {
  const findings = describeVerdict(verdict);
  return new AppFailure({ code: 'geometry-refused', ...where, series: id, findings, verdict });
}
