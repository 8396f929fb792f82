import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite, type Database } from '../../native/sqlite/open-sqlite.ts';
import { AppFailure } from '../contract/app-error.ts';
import { migrate } from './migrate.ts';

export type { Database };

/** The one file that holds studies, models, jobs and results. */
export const databaseFile = 'thinslice.sqlite';

/**
 * Opens the database of a data folder, creating both where they are missing, and brings its schema up to date.
 * Throws AppFailure `database-unusable` where the folder or the file cannot be used; the file is then unchanged.
 */
export function openDatabase(dataDir: string): Database {
  const path = join(dataDir, databaseFile);
  let db: Database | undefined;
  try {
    mkdirSync(dataDir, { recursive: true });
    db = openSqlite(path);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 10000');
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof AppFailure) throw error;
    throw new AppFailure({ code: 'database-unusable', path, detail: (error as Error).message });
  }
}
