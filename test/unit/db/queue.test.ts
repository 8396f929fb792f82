import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { migrate, migrations } from '../../../main/db/migrate.ts';
import { findJobSubject, listJobs } from '../../../main/db/queries/jobs.ts';
import { openSqlite } from '../../../native/sqlite/open-sqlite.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

test('jobs of an older file know their volume afterwards, without their input being read', () => {
  const path = join(tempDir(), 'x.sqlite');
  const db = openSqlite(path);
  onTestFinished(() => void db.close());
  const older = migrations.filter(({ version }) => version < 60);
  migrate(db, path, older);
  const dicom = {
    path: '/study',
    origin: { kind: 'dicom', study: { studyInstanceUid: '1.2' }, series: {} },
    channels: [{ kind: 'dicom', modality: 'CT', volume: { id: '1.2.3#2' } }],
  };
  const nifti = { path: '/a.nii', origin: { kind: 'nifti' }, channels: [{ kind: 'nifti', path: '/a.nii' }] };
  for (const [id, input] of Object.entries({ d: dicom, n: nifti })) {
    db.prepare(
      `INSERT INTO jobs (id, state, fingerprint, input, device, stage, done, total, owner_pid, created_at, updated_at)
       VALUES (?, 'done', 'f', ?, 'cpu', 'measure', 1, 1, 1, 'then', 'then')`,
    ).run(id, JSON.stringify(input));
  }
  migrate(db, path);
  const forgotten = { patientName: '', seriesDescription: '' };
  expect(findJobSubject(db, 'd')).toEqual({
    inputPath: '/study',
    volume: { studyUid: '1.2', volumeId: '1.2.3#2' },
    ...forgotten,
  });
  expect(findJobSubject(db, 'n')).toEqual({ inputPath: '/a.nii', volume: null, ...forgotten });
  expect(findJobSubject(db, 'x')).toBeUndefined();
  expect(listJobs(db).map(({ inputPath }) => inputPath)).toEqual(['/study', '/a.nii']);
});
