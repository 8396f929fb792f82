import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../main/db/database.ts';
import { findVolume, listStudies } from '../../main/db/queries/studies.ts';
import type { Context } from '../../main/services/context.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { scanInThread } from '../../main/services/scan-in-thread.ts';
import { scanForWindow } from '../../main/services/studies.ts';
import { folderView } from '../../main/services/study-views.ts';
import { dicomBytes, fieldClaiming } from '../fixtures/dicom-bytes.ts';
import { sliceFields, without } from '../fixtures/slice-fields.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const scan = scanInThread(fileURLToPath(new URL('../../dist/scan-thread.js', import.meta.url)));

function openContext(): Context {
  const db = openDatabase(tempDir());
  onTestFinished(() => void db.close());
  return { db, now: () => '2026-01-01T00:00:00.000Z' } as Context;
}

function studyOf(slices: number): string {
  const folder = tempDir();
  for (let z = 0; z < slices; z++) writeFileSync(join(folder, `${z}.dcm`), dicomBytes(sliceFields(z)));
  return folder;
}

test('the thread finds and stores what a scan in the process itself finds', async () => {
  const context = openContext();
  const folder = studyOf(12);
  const seen: number[] = [];
  const view = await scanForWindow(context, scan, folder, { onProgress: (files) => seen.push(files) });
  const expected = await scanFolder(folder);
  expect(view).toEqual(folderView(expected));
  expect(seen.length).toBeGreaterThan(0);
  expect(listStudies(context.db)).toMatchObject([{ studyUid: '1.2.3.1', folder, patientName: 'Doe^Jane' }]);
  const { volumes, ...series } = expected.studies[0]!.series[0]!;
  expect(findVolume(context.db, '1.2.3.1', '1.2.3.2')).toEqual({ series, volume: volumes[0] });
});

test('what it cannot do is said by the same codes, and nothing is stored', async () => {
  const context = openContext();
  const empty = tempDir();
  const open = (folder: string) => scanForWindow(context, scan, folder, {});
  await expect(open(join(empty, 'gone'))).rejects.toMatchObject({ error: { code: 'input-unreadable' } });
  await expect(open(empty)).rejects.toMatchObject({ error: { code: 'no-images' } });
  expect(listStudies(context.db)).toEqual([]);
});

test('a cancelled scan ends, before it began too', async () => {
  const abort = new AbortController();
  const running = scan(studyOf(200), { signal: abort.signal, onProgress: () => abort.abort() });
  await expect(running).rejects.toMatchObject({ error: { code: 'cancelled' } });
  await expect(scan(tempDir(), { signal: abort.signal })).rejects.toMatchObject({
    error: { code: 'cancelled' },
  });
});

test('a header that claims 2 GB is a file that was not used', async () => {
  const folder = studyOf(3);
  mkdirSync(join(folder, 'hostile'));
  const claim = fieldClaiming('00204000', 'UT', 0x7fffffff);
  const fields = without(sliceFields(9), '7fe00010', '0020000e');
  writeFileSync(join(folder, 'hostile', 'claim.dcm'), dicomBytes(fields, { tail: claim }));
  const { view } = await scan(folder, {});
  expect(view.problems).toMatchObject([{ file: join(folder, 'hostile', 'claim.dcm') }]);
  expect(view.studies).toHaveLength(1);
});
