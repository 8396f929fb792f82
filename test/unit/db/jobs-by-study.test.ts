import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { migrate, migrations } from '../../../main/db/migrate.ts';
import { countResultsByStudy } from '../../../main/db/queries/results.ts';
import { openSqlite, type Database } from '../../../native/sqlite/open-sqlite.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

const blob = 'a'.repeat(64);

function insertResult(db: Database, id: string, origin: object): void {
  db.prepare(
    `INSERT INTO jobs (id, state, fingerprint, input, device, stage, done, total, owner_pid, created_at, updated_at)
     VALUES (?, 'done', 'f', ?, 'cpu', 'export', 1, 1, 1, 'now', 'now')`,
  ).run(id, JSON.stringify({ path: '/x', origin, channels: [] }));
  db.prepare(
    `INSERT INTO results (id, job_id, labelmap, grid, geometry, recipe, model_name, model_sha256, variant, device,
       app_version, stage_seconds, peak_memory_bytes, created_at)
     VALUES (?, ?, ?, '{}', '{}', '{}', 'm', 's', 'full', 'cpu', '1', '{}', 1, 'now')`,
  ).run(`result of ${id}`, id, blob);
}

const ofStudy = (studyInstanceUid: string) => ({ kind: 'dicom', study: { studyInstanceUid } });

test('results are counted by study, those stored before the study had a column too', () => {
  const path = join(tempDir(), 'x.sqlite');
  const db = openSqlite(path);
  onTestFinished(() => void db.close());
  migrate(
    db,
    path,
    migrations.filter(({ version }) => version < 50),
  );
  db.prepare(`INSERT INTO blobs VALUES (?, 1, 'raw', x'00')`).run(blob);
  insertResult(db, 'a', ofStudy('1.2'));
  insertResult(db, 'b', { kind: 'nifti' });
  migrate(db, path);
  insertResult(db, 'c', ofStudy('1.2'));
  insertResult(db, 'd', ofStudy('1.3'));
  expect(countResultsByStudy(db)).toEqual(
    new Map([
      ['1.2', 2],
      ['1.3', 1],
    ]),
  );
});
