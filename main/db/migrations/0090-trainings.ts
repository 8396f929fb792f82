import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** Networks that are being trained, and how those that were came about. */
export function addTrainings(db: Database): void {
  db.exec(`
    CREATE TABLE trainings (
      -- Same recipe, images, labels, limits and program version.
      fingerprint TEXT PRIMARY KEY,
      steps INTEGER NOT NULL,
      checkpoint BLOB NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE model_cards (
      model_id TEXT PRIMARY KEY REFERENCES models ON DELETE CASCADE,
      card TEXT NOT NULL -- JSON: ModelCard
    ) STRICT;
  `);
}
