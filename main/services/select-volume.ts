import type { FolderScan, Series, SeriesVolume, Study } from '../core/dicom/study.ts';
import { AppFailure } from '../contract/app-error.ts';
import { geometryRefusal } from '../contract/geometry-refusal.ts';

export interface SelectedVolume {
  readonly study: Study;
  readonly series: Series;
  readonly volume: SeriesVolume;
}

/**
 * The volume of a scanned folder that a model should read: the named one (SeriesInstanceUID or volume id), or else
 * the one with the most slices among those of the model's modality that the geometry gate let through.
 * Throws AppFailure `no-images`, `series-not-found`, `input-refused` or `geometry-refused`.
 */
export function selectVolume(scan: FolderScan, modality: string, wanted: string | undefined): SelectedVolume {
  return largest(usableVolumes(scan, modality, wanted));
}

/** All volumes that would do, at least one; throws as `selectVolume` does. */
export function usableVolumes(
  scan: FolderScan,
  modality: string,
  wanted: string | undefined,
): readonly SelectedVolume[] {
  const all = scan.studies.flatMap((study) =>
    study.series.flatMap((series) => series.volumes.map((volume) => ({ study, series, volume }))),
  );
  if (all.length === 0) throw noImages(scan);

  const named = wanted === undefined ? all : all.filter((each) => isNamed(each, wanted));
  if (named.length === 0) {
    throw new AppFailure({ code: 'series-not-found', path: scan.folder, series: wanted ?? '' });
  }
  const fitting = modality === '' ? named : named.filter((each) => each.series.modality === modality);
  if (fitting.length === 0) {
    const found = [...new Set(named.map((each) => each.series.modality || 'unknown'))].sort().join(', ');
    throw new AppFailure({
      code: 'input-refused',
      path: scan.folder,
      detail: `the model reads ${modality}, and this is ${found}`,
    });
  }
  const usable = fitting.filter((each) => each.volume.verdict.outcome !== 'refused');
  if (usable.length === 0) throw refusal(scan, largest(fitting));
  return usable;
}

/** Whether `name` is the SeriesInstanceUID or the volume id of a volume. */
export function isNamed({ series, volume }: SelectedVolume, name: string): boolean {
  return series.seriesInstanceUid === name || volume.id === name;
}

/** Why a scan without a single image is refused. */
export function noImages({
  folder,
  filesSkipped,
  problems,
}: Pick<FolderScan, 'folder' | 'filesSkipped' | 'problems'>): AppFailure {
  return new AppFailure({ code: 'no-images', path: folder, filesSkipped, problem: problems[0] });
}

function largest(candidates: readonly SelectedVolume[]): SelectedVolume {
  return candidates.reduce((best, each) =>
    each.volume.frames.length > best.volume.frames.length ? each : best,
  );
}

function refusal({ folder, problems }: FolderScan, { volume }: SelectedVolume): AppFailure {
  return geometryRefusal(volume, { path: folder, problem: problems[0] });
}
