import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** JSON as it was stored; undefined where nothing was. Whoever asks checks it: the file is not trusted. */
export function findSetting(db: Database, name: string): unknown {
  const value = db.prepare<[string], string>(`SELECT value FROM settings WHERE name = ?`).pluck().get(name);
  return value === undefined ? undefined : (JSON.parse(value) as unknown);
}

export function putSetting(db: Database, name: string, value: unknown): void {
  db.prepare(
    `INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  ).run(name, JSON.stringify(value));
}
