import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { migrate, migrations } from '../../../main/db/migrate.ts';
import { findResult, findResultOfJob, listMeasurements } from '../../../main/db/queries/results.ts';
import { openSqlite, type Database } from '../../../native/sqlite/open-sqlite.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

/** A file as version 30 of the schema left it, with two results and their labels. */
function openBefore(): { readonly db: Database; readonly path: string } {
  const path = join(tempDir(), 'x.sqlite');
  const db = openSqlite(path);
  onTestFinished(() => void db.close());
  db.pragma('foreign_keys = ON');
  migrate(
    db,
    path,
    migrations.filter(({ version }) => version <= 30),
  );
  const blob = 'a'.repeat(64);
  db.prepare(`INSERT INTO blobs VALUES (?, 8, 'raw', x'00')`).run(blob);
  for (const id of ['1', '2']) {
    db.prepare(
      `INSERT INTO jobs (id, state, fingerprint, input, device, stage, done, total, owner_pid, created_at, updated_at)
       VALUES (?, 'done', 'f', '{}', 'cpu', 'measure', 1, 1, 1, 'then', 'then')`,
    ).run(`job-${id}`);
    db.prepare(
      `INSERT INTO results VALUES (?, ?, ?, '{"shapeZyx":[2,2,2]}', '{"outcome":"ok","findings":[]}', '{"labels":[]}', 'm',
         's', 'full', 'cpu', '0.1.0', '{"predict":2.5}', 77, 'then')`,
    ).run(`result-${id}`, `job-${id}`, blob);
    db.prepare(
      `INSERT INTO result_labels VALUES (?, 1, 'lung', 5, 0.25, -850.5, 3, '{"min":[0,0,0],"max":[1,1,1]}', 1),
         (?, 2, 'bone', 0, 0, NULL, NULL, NULL, 0)`,
    ).run(`result-${id}`, `result-${id}`);
  }
  return { db, path };
}

test('results and their measurements are as they were, made by the network and not yet reviewed', () => {
  const { db, path } = openBefore();
  const measuredBefore = db.prepare('SELECT * FROM result_labels ORDER BY result_id, value').all();
  const before = db.prepare('SELECT * FROM results ORDER BY id').all();
  migrate(db, path);
  expect(db.prepare('SELECT * FROM result_labels ORDER BY result_id, value').all()).toEqual(measuredBefore);
  const added = { parent_id: null, review: 'open', note: '', reviewed_at: null };
  expect(db.prepare('SELECT * FROM results ORDER BY id').all()).toEqual(
    before.map((row) => ({ ...(row as object), ...added })),
  );
  expect(db.pragma('foreign_key_check')).toEqual([]);
  expect(findResult(db, 'result-1')).toMatchObject({
    jobId: 'job-1',
    parentId: null,
    stageSeconds: { predict: 2.5 },
    review: { state: 'open', note: '', reviewedAt: null },
  });
  expect(listMeasurements(db, 'result-2').map(({ name }) => name)).toEqual(['lung', 'bone']);
});

test('versions share a job, which has one result of its own, and go with it', () => {
  const { db, path } = openBefore();
  migrate(db, path);
  const copy = (id: string, parent: string | null) =>
    db
      .prepare(
        `INSERT INTO results SELECT ?, job_id, ?, labelmap, grid, geometry, recipe, model_name, model_sha256, variant, device,
           app_version, stage_seconds, peak_memory_bytes, created_at, review, note, reviewed_at
         FROM results WHERE id = 'result-1'`,
      )
      .run(id, parent);
  copy('version-1', 'result-1');
  copy('version-2', 'version-1');
  expect(() => copy('second', null)).toThrow(/UNIQUE/);
  expect(() => copy('orphan', 'nobody')).toThrow(/FOREIGN KEY/);
  expect(findResultOfJob(db, 'job-1')?.id).toBe('result-1');
  expect(() => db.exec(`UPDATE results SET review = 'perhaps'`)).toThrow(/CHECK/);
  db.exec(`DELETE FROM jobs WHERE id = 'job-1'`);
  expect(db.prepare('SELECT id FROM results').pluck().all()).toEqual(['result-2']);
  expect(db.prepare('SELECT DISTINCT result_id FROM result_labels').pluck().all()).toEqual(['result-2']);
});
