import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { StudyRecord } from '../../contract/study-record.ts';
import type { Series, SeriesVolume, Study } from '../../core/dicom/study.ts';

export interface StudyRow {
  readonly studyUid: string;
  readonly folder: string;
  readonly patientId: string;
  readonly patientName: string;
  readonly studyDate: string;
  readonly description: string;
  readonly seenAt: string;
}

/** What is stored of a study that a scan found. */
export function studyRecord({ series, ...attributes }: Study): StudyRecord {
  return {
    studyUid: attributes.studyInstanceUid,
    patientId: attributes.patientId,
    patientName: attributes.patientName,
    studyDate: attributes.studyDate,
    description: attributes.description,
    attributes: JSON.stringify(attributes),
    volumes: series.flatMap(({ volumes, ...shared }) =>
      volumes.map((volume) => ({
        volumeId: volume.id,
        seriesUid: shared.seriesInstanceUid,
        modality: shared.modality,
        description: shared.description,
        frames: volume.frames.length,
        verdict: volume.verdict.outcome,
        attributes: JSON.stringify(shared),
        volume: JSON.stringify(volume),
      })),
    ),
  };
}

/** Stores a study; volumes that are no longer in the folder are forgotten. */
export function upsertStudy(db: Database, study: StudyRecord, folder: string, seenAt: string): void {
  const { volumes, ...attributes } = study;
  db.prepare(
    `INSERT INTO studies (study_uid, folder, patient_id, patient_name, study_date, description, attributes, seen_at)
     VALUES (@studyUid, @folder, @patientId, @patientName, @studyDate, @description, @attributes, @seenAt)
     ON CONFLICT (study_uid) DO UPDATE SET folder = excluded.folder, patient_id = excluded.patient_id,
       patient_name = excluded.patient_name, study_date = excluded.study_date,
       description = excluded.description, attributes = excluded.attributes, seen_at = excluded.seen_at`,
  ).run({ ...attributes, folder, seenAt });
  db.prepare(`DELETE FROM series WHERE study_uid = ?`).run(study.studyUid);
  const insert = db.prepare(
    `INSERT INTO series (volume_id, study_uid, series_uid, modality, description, frames, verdict, attributes, volume)
     VALUES (@volumeId, @studyUid, @seriesUid, @modality, @description, @frames, @verdict, @attributes, @volume)`,
  );
  for (const volume of volumes) insert.run({ ...volume, studyUid: study.studyUid });
}

/** The studies seen last, the newest first. */
export function listStudies(db: Database, limit = 100): StudyRow[] {
  return db
    .prepare<[number], StudyRow>(
      `SELECT study_uid AS studyUid, folder, patient_id AS patientId, patient_name AS patientName,
         study_date AS studyDate, description, seen_at AS seenAt
       FROM studies ORDER BY seen_at DESC, study_uid LIMIT ?`,
    )
    .all(limit);
}

/** A study as its last scan found it, without its series. */
export function findStudy(
  db: Database,
  studyUid: string,
): { readonly study: Omit<Study, 'series'>; readonly folder: string } | undefined {
  const row = db
    .prepare<[string], { attributes: string; folder: string }>(
      `SELECT attributes, folder FROM studies WHERE study_uid = ?`,
    )
    .get(studyUid);
  return row && { study: JSON.parse(row.attributes) as Omit<Study, 'series'>, folder: row.folder };
}

/** When a study was last scanned; undefined for one that is not, or no longer, known. Cheap, unlike the rest of it. */
export function findSeenAt(db: Database, studyUid: string): string | undefined {
  return db
    .prepare<[string], { seenAt: string }>(`SELECT seen_at AS seenAt FROM studies WHERE study_uid = ?`)
    .get(studyUid)?.seenAt;
}

/** A volume of a study, with the series that it is of. */
export function findVolume(
  db: Database,
  studyUid: string,
  volumeId: string,
): { readonly series: Omit<Series, 'volumes'>; readonly volume: SeriesVolume } | undefined {
  const row = db
    .prepare<[string, string], { attributes: string; volume: string }>(
      `SELECT attributes, volume FROM series WHERE study_uid = ? AND volume_id = ?`,
    )
    .get(studyUid, volumeId);
  return (
    row && {
      series: JSON.parse(row.attributes) as Omit<Series, 'volumes'>,
      volume: JSON.parse(row.volume) as SeriesVolume,
    }
  );
}

/** Results stay: their jobs keep what they were made from. */
export function deleteStudy(db: Database, studyUid: string): void {
  db.prepare(`DELETE FROM studies WHERE study_uid = ?`).run(studyUid);
}
