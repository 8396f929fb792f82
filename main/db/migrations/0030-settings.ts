import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** What a user set, and where the window lay. */
export function addSettings(db: Database): void {
  db.exec(`
    CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL -- JSON
    ) STRICT;
  `);
}
