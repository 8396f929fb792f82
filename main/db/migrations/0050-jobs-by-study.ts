import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/**
 * The study of a job, to be found without reading `input`, which names every slice: counting the results of a hundred
 * studies would keep a window waiting.
 */
export function addJobsByStudy(db: Database): void {
  db.exec(`
    ALTER TABLE jobs ADD COLUMN study_uid TEXT
      GENERATED ALWAYS AS (input ->> '$.origin.study.studyInstanceUid') VIRTUAL; -- null: no DICOM study
    CREATE INDEX jobs_by_study ON jobs (study_uid, id);
    CREATE INDEX results_by_job ON results (job_id);
  `);
}
