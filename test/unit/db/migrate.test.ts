import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { databaseFile, openDatabase, type Database } from '../../../main/db/database.ts';
import { migrate, migrations, type Migration } from '../../../main/db/migrate.ts';
import { openSqlite } from '../../../native/sqlite/open-sqlite.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

function open(dir: string): Database {
  const db = openDatabase(dir);
  onTestFinished(() => void db.close());
  return db;
}

const tables = (db: Database) =>
  db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all();

test('a new file gets the newest schema, and all tables are strict', () => {
  const db = open(tempDir());
  expect(db.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version);
  expect(tables(db)).toEqual([
    'audit',
    'blobs',
    'device_checks',
    'evaluation_labels',
    'evaluations',
    'job_slabs',
    'jobs',
    'memory_failures',
    'model_cards',
    'model_variants',
    'models',
    'queue',
    'result_labels',
    'results',
    'run_measurements',
    'series',
    'settings',
    'studies',
    'trainings',
    'tune_orders',
    'tuned_networks',
    'tunings',
    'variant_networks',
  ]);
  const loose = db
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0`)
    .pluck()
    .all();
  expect(loose).toEqual(['sqlite_schema']);
});

test('opening twice changes nothing and makes no copy', () => {
  const dir = tempDir();
  openDatabase(dir).close();
  open(dir);
  expect(existsSync(join(dir, `${databaseFile}.before-10`))).toBe(false);
});

test('a later step runs once, after the old file was copied, and keeps its rows', () => {
  const path = join(tempDir(), 'x.sqlite');
  const db = openSqlite(path);
  onTestFinished(() => void db.close());
  const first: Migration = { version: 1, up: (d) => d.exec('CREATE TABLE a (x INTEGER) STRICT') };
  const second: Migration = {
    version: 2,
    up: (d) => d.exec(`ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'new'`),
  };
  migrate(db, path, [first]);
  db.exec('INSERT INTO a VALUES (7)');
  migrate(db, path, [first, second]);
  migrate(db, path, [first, second]);
  expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 7, y: 'new' }]);
  const copy = openSqlite(`${path}.before-2`, { readonly: true });
  onTestFinished(() => void copy.close());
  expect(copy.prepare('SELECT * FROM a').all()).toEqual([{ x: 7 }]);
});

test('a step that fails leaves the file as it was', () => {
  const path = join(tempDir(), 'x.sqlite');
  const db = openSqlite(path);
  onTestFinished(() => void db.close());
  const good: Migration = { version: 1, up: (d) => d.exec('CREATE TABLE a (x INTEGER) STRICT') };
  const bad: Migration = {
    version: 2,
    up: (d) => d.exec('CREATE TABLE b (x INTEGER) STRICT; SELECT nonsense'),
  };
  migrate(db, path, [good]);
  expect(() => migrate(db, path, [good, bad])).toThrow(/nonsense/);
  expect(tables(db)).toEqual(['a']);
  expect(db.pragma('user_version', { simple: true })).toBe(1);
});

test('a file from a newer program is refused and left alone', () => {
  const dir = tempDir();
  const db = openDatabase(dir);
  db.pragma('user_version = 9999');
  db.close();
  expect(() => openDatabase(dir)).toThrow(/newer version/);
});

test('a file that is no database is refused with its path', () => {
  const dir = tempDir();
  writeFileSync(
    join(dir, databaseFile),
    'not a database, but long enough to have a header to look at'.repeat(20),
  );
  expect(() => openDatabase(dir)).toThrow(
    expect.objectContaining({
      error: expect.objectContaining({ code: 'database-unusable', path: join(dir, databaseFile) }),
    }),
  );
});
