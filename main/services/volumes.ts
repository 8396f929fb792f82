import { AppFailure } from '../contract/app-error.ts';
import { geometryRefusal, isUsable } from '../contract/geometry-refusal.ts';
import type { VolumeRef, VolumeView } from '../contract/ipc/study-channels.ts';
import type { VoxelType } from '../contract/voxel-type.ts';
import type { ViewSource } from '../contract/view-requests.ts';
import { legibleName, legibleText } from '../core/dicom/read/legible-text.ts';
import { findStudy, findVolume } from '../db/queries/studies.ts';
import type { Context } from './context.ts';
import type { ViewEngine } from './view-engine.ts';

/**
 * What the viewer has to know before the first voxel. Throws AppFailure `not-found`, `geometry-refused`, and what
 * reading the first file throws: a study whose files are gone is `input-unreadable`.
 */
export async function openVolume(
  { db }: Context,
  engine: ViewEngine,
  ref: VolumeRef,
): Promise<Omit<VolumeView, 'voxelsUrl'>> {
  const { study, series, source } = findSource(db, ref);
  const { volume } = source;
  if (!isUsable(volume)) throw geometryRefusal(volume);
  return {
    ...ref,
    modality: series.modality,
    grid: volume.grid,
    findings: volume.verdict.findings,
    patientName: legibleName(study.patientName),
    patientId: legibleText(study.patientId),
    studyDate: study.studyDate,
    seriesDescription: legibleText(
      [series.description, volume.part].filter((text) => text !== '').join(', '),
    ),
    frameOfReferenceUid: series.frameOfReferenceUid,
    voxelType: await engine.ask('probe-volume', { source }),
  };
}

/** Planes [start, end) of a volume, z, y, x; null where they do not fit `voxelType`. Throws AppFailure. */
export async function readPlanes(
  engine: ViewEngine,
  source: ViewSource,
  planes: { readonly start: number; readonly end: number; readonly voxelType: VoxelType },
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  return engine.ask('read-planes', { source, ...planes }, { signal });
}

/** Throws AppFailure `not-found`. */
export function findSource(db: Context['db'], { studyUid, volumeId }: VolumeRef) {
  const study = findStudy(db, studyUid);
  const found = findVolume(db, studyUid, volumeId);
  if (!study || !found) throw new AppFailure({ code: 'not-found', what: 'volume', id: volumeId });
  const { series, volume } = found;
  const source: ViewSource = { kind: 'dicom', modality: series.modality, volume };
  return { study: study.study, folder: study.folder, series, source };
}
