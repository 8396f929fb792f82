import Sqlite from 'better-sqlite3';

/** An open SQLite file. Queries are plain functions that take one of these. */
export type Database = Sqlite.Database;

/** Opens (or creates) a SQLite file with better-sqlite3; throws its SqliteError where the file is unusable. */
export function openSqlite(path: string, options: { readonly readonly?: boolean } = {}): Database {
  return new Sqlite(path, { readonly: options.readonly ?? false });
}
