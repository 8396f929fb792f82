import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** Variants that are being tuned: where they were, so that the same work goes on after it was interrupted. */
export function addTunings(db: Database): void {
  db.exec(`
    CREATE TABLE tunings (
      -- Same variant, images, recipe and program version.
      fingerprint TEXT PRIMARY KEY,
      variant_id TEXT NOT NULL REFERENCES model_variants ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      steps INTEGER NOT NULL,
      checkpoint BLOB NOT NULL,
      folds TEXT NOT NULL, -- JSON: TunedFold of the folds that are finished
      updated_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE tuned_networks (
      fingerprint TEXT NOT NULL REFERENCES tunings ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      network BLOB NOT NULL,
      PRIMARY KEY (fingerprint, fold)
    ) STRICT;
  `);
}
