import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** What the window was asked to run; and of each job the volume that it is about, without reading its long input. */
export function addQueue(db: Database): void {
  db.exec(`
    CREATE TABLE queue (
      id TEXT PRIMARY KEY,
      -- Waiting ones run in this order.
      position INTEGER NOT NULL,
      state TEXT NOT NULL
        CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      run_order TEXT NOT NULL, -- JSON: RunOrder
      title TEXT NOT NULL, -- JSON: JobTitle
      job_id TEXT REFERENCES jobs ON DELETE SET NULL,
      result_id TEXT,
      choice TEXT, -- JSON: ChoiceView
      news TEXT NOT NULL, -- JSON: JobNews[]
      error TEXT, -- JSON: AppError
      created_at TEXT NOT NULL,
      started_at TEXT,
      ended_at TEXT
    ) STRICT;
    CREATE INDEX queue_by_job ON queue (job_id);

    ALTER TABLE jobs ADD COLUMN input_path TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN volume TEXT; -- JSON: VolumeRef; null: no DICOM
    UPDATE jobs SET input_path = coalesce(input ->> '$.path', ''),
      volume = CASE WHEN input ->> '$.origin.kind' = 'dicom' THEN json_object(
        'studyUid', input ->> '$.origin.study.studyInstanceUid', 'volumeId', input ->> '$.channels[0].volume.id') END;
  `);
}
