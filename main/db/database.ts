import { join } from 'node:path';
import { openSqlite, type Database } from '../../native/sqlite/open-sqlite.ts';
import { AppFailure } from '../contract/app-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { migrate } from './migrate.ts';

export type { Database };

/** The one file that holds studies, models, jobs and results. */
export const databaseFile = 'thinslice.sqlite';

export interface OpenOptions {
  /**
   * Whether this connection moves what was written from the log into the file now and then, and waits for the disk
   * meanwhile. Where it does not, connections of other threads do, and who closes the file last.
   */
  readonly checkpoints?: boolean;
}

/**
 * Opens the database of a data folder, creating both where they are missing, and brings its schema up to date.
 * Throws AppFailure `database-unusable` where the folder or the file cannot be used; the file is then unchanged.
 */
export function openDatabase(dataDir: string, { checkpoints = true }: OpenOptions = {}): Database {
  const path = join(dataDir, databaseFile);
  let db: Database | undefined;
  try {
    makeFolder(dataDir);
    db = openSqlite(path);
    db.pragma('busy_timeout = 10000');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    if (!checkpoints) db.pragma('wal_autocheckpoint = 0');
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw asDatabaseFailure(error, path);
  }
}

/**
 * Writes what a power cut may take away, without waiting for the disk: a window would wait with it. In WAL mode the file
 * stays whole whatever happens (https://www.sqlite.org/pragma.html#pragma_synchronous). Not within a transaction.
 */
export function writeUnsynced(db: Database, write: () => void): void {
  db.pragma('synchronous = NORMAL');
  try {
    write();
  } finally {
    db.pragma('synchronous = FULL');
  }
}

/**
 * What SQLite or the file system says about the database's file or the disk under it, as an AppFailure
 * `database-unusable`; anything else, a wrong query among it, as it is.
 */
export function asDatabaseFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return error;
  const isSystem = typeof syscall === 'string' || systemErrors.test(code);
  return isSystem ? new AppFailure({ code: 'database-unusable', path, detail: code }) : error;
}

/** https://www.sqlite.org/rescode.html: those that are not a fault of the query. */
const systemErrors = /^SQLITE_(BUSY|CANTOPEN|CORRUPT|FULL|IOERR|NOTADB|PERM|READONLY|TOOBIG)(_|$)/;
