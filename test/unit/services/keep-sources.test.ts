import { expect, onTestFinished, test } from 'vitest';
import { AppFailure } from '../../../main/contract/app-error.ts';
import { openDatabase } from '../../../main/db/database.ts';
import { deleteStudy, studyRecord, upsertStudy } from '../../../main/db/queries/studies.ts';
import { keepSources } from '../../../main/services/keep-sources.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

/** A study of some volumes, whose frames are one file each. */
function recordOf(volumes: Readonly<Record<string, string>>) {
  return studyRecord({
    studyInstanceUid: '1.2',
    patientId: '',
    patientName: '',
    patientBirthDate: '',
    patientSex: '',
    studyDate: '',
    studyTime: '',
    studyId: '',
    accessionNumber: '',
    description: '',
    series: [
      {
        seriesInstanceUid: '1.2.3',
        frameOfReferenceUid: '1.2.4',
        modality: 'CT',
        description: '',
        seriesNumber: 1,
        bodyPart: '',
        volumes: Object.entries(volumes).map(([id, file]) => ({
          id,
          part: '',
          frames: [
            {
              file,
              frame: 0,
              sopClassUid: '',
              sopInstanceUid: '',
              positionLps: [0, 0, 0],
              rescaleSlope: 1,
              rescaleIntercept: 0,
            },
          ],
          grid: null,
          assembly: { kind: 'stack' },
          lossy: false,
          verdict: { outcome: 'refused', findings: [] },
        })),
      },
    ],
  });
}

function opened() {
  const dataDir = tempDir();
  const db = openDatabase(dataDir);
  onTestFinished(() => void db.close());
  upsertStudy(db, recordOf({ a: '/a.dcm', b: '/b.dcm', c: '/c.dcm' }), '/study', '2026-01-01T00:00:00.000Z');
  return { dataDir, db };
}

test('a volume is parsed once for all the pieces of its voxels', () => {
  const { db } = opened();
  const sourceOf = keepSources({ db });
  const a = sourceOf({ studyUid: '1.2', volumeId: 'a' });
  expect(a).toMatchObject({ modality: 'CT', volume: { id: 'a', frames: [{ file: '/a.dcm' }] } });
  const b = sourceOf({ studyUid: '1.2', volumeId: 'b' });
  expect(b.volume.frames[0]?.file).toBe('/b.dcm');
  expect(sourceOf({ studyUid: '1.2', volumeId: 'a' })).toBe(a);
  expect(sourceOf({ studyUid: '1.2', volumeId: 'b' })).toBe(b);
});

test('only the volumes that were asked for last are kept', () => {
  const { db } = opened();
  const sourceOf = keepSources({ db }, 2);
  const ask = (volumeId: string) => sourceOf({ studyUid: '1.2', volumeId });
  const [a, b] = [ask('a'), ask('b')];
  expect(ask('a')).toBe(a);
  ask('c');
  expect(ask('a')).toBe(a);
  expect(ask('b')).not.toBe(b);
  expect(ask('b')).toEqual(b);
});

test('a study that was scanned again, by another connection too, is read anew; a forgotten one is not found', () => {
  const { dataDir, db } = opened();
  const sourceOf = keepSources({ db });
  const ask = () => sourceOf({ studyUid: '1.2', volumeId: 'a' });
  const before = ask();
  const other = openDatabase(dataDir);
  upsertStudy(other, recordOf({ a: '/moved.dcm' }), '/moved', '2026-01-01T00:00:00.001Z');
  other.close();
  expect(ask()).not.toBe(before);
  expect(ask().volume.frames[0]?.file).toBe('/moved.dcm');
  deleteStudy(db, '1.2');
  const gone = { error: { code: 'not-found', what: 'volume', id: 'a' } };
  expect(ask).toThrow(AppFailure);
  expect(ask).toThrow(expect.objectContaining(gone));
});
