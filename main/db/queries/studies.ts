import type { Database } from '../../../native/sqlite/open-sqlite.ts';
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

/** Stores what a scan found of a study; volumes that are no longer in the folder are forgotten. */
export function upsertStudy(db: Database, study: Study, folder: string, seenAt: string): void {
  const { series, ...attributes } = study;
  db.prepare(
    `INSERT INTO studies (study_uid, folder, patient_id, patient_name, study_date, description, attributes, seen_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (study_uid) DO UPDATE SET folder = excluded.folder, patient_id = excluded.patient_id,
       patient_name = excluded.patient_name, study_date = excluded.study_date,
       description = excluded.description, attributes = excluded.attributes, seen_at = excluded.seen_at`,
  ).run(
    study.studyInstanceUid,
    folder,
    study.patientId,
    study.patientName,
    study.studyDate,
    study.description,
    JSON.stringify(attributes),
    seenAt,
  );
  db.prepare(`DELETE FROM series WHERE study_uid = ?`).run(study.studyInstanceUid);
  for (const each of series) insertSeries(db, study.studyInstanceUid, each);
}

function insertSeries(db: Database, studyUid: string, series: Series): void {
  const { volumes, ...attributes } = series;
  const insert = db.prepare(
    `INSERT INTO series (volume_id, study_uid, series_uid, modality, description, frames, verdict, attributes, volume)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const volume of volumes) {
    insert.run(
      volume.id,
      studyUid,
      series.seriesInstanceUid,
      series.modality,
      series.description,
      volume.frames.length,
      volume.verdict.outcome,
      JSON.stringify(attributes),
      JSON.stringify(volume),
    );
  }
}

export function listStudies(db: Database): StudyRow[] {
  return db
    .prepare<[], StudyRow>(
      `SELECT study_uid AS studyUid, folder, patient_id AS patientId, patient_name AS patientName,
         study_date AS studyDate, description, seen_at AS seenAt
       FROM studies ORDER BY seen_at DESC, study_uid`,
    )
    .all();
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
