import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** A volume of a study without its frames. */
export interface VolumeRow {
  readonly volumeId: string;
  readonly modality: string;
  readonly description: string;
  readonly part: string;
  readonly frames: number;
  readonly outcome: 'ok' | 'corrected' | 'refused';
}

/** The volumes of a study, in the order in which its scan found them. */
export function listVolumes(db: Database, studyUid: string): VolumeRow[] {
  return db
    .prepare<[string], VolumeRow>(
      `SELECT volume_id AS volumeId, modality, description, volume ->> '$.part' AS part, frames, verdict AS outcome
       FROM series WHERE study_uid = ? ORDER BY rowid`,
    )
    .all(studyUid);
}
