import { expect, test } from 'vitest';
import type { RecentStudy } from '../../../../../main/contract/ipc/study-channels.ts';
import {
  addStudy,
  offerStudies,
  shareStudies,
  withUse,
  type StudyUse,
} from '../../../../../renderer/features/models/tune-studies.ts';

const recent = (folder: string, isPresent = true): RecentStudy => ({
  studyUid: folder,
  folder,
  patientName: folder,
  patientId: '',
  studyDate: '',
  description: '',
  seenAt: '',
  isPresent,
  results: 0,
});
const describe = ({ patientName }: RecentStudy) => ({ title: patientName, facts: [] });

test('studies that are there are offered once a folder, and none is used unless somebody says so', () => {
  const offered = offerStudies([recent('/a'), recent('/gone', false), recent('/a'), recent('/b')], describe);
  expect(offered.map(({ path, use }) => [path, use])).toEqual([
    ['/a', 'none'],
    ['/b', 'none'],
  ]);
});

test('what is added is learnt on, once', () => {
  const offered = offerStudies([recent('/a')], describe);
  const added = addStudy(addStudy(addStudy(offered, '/b/c/'), '/b/c/'), 'C:\\x\\image.nii');
  expect(added.map(({ title, use }) => [title, use])).toEqual([
    ['/a', 'none'],
    ['c', 'learn'],
    ['image.nii', 'learn'],
  ]);
  expect(addStudy(added, '/a')[0]!.use).toBe('learn');
});

test.each<[readonly StudyUse[], object]>([
  [[], { lack: 'two' }],
  [['learn', 'none'], { lack: 'two' }],
  [['judge', 'judge'], { lack: 'learn' }],
  [['learn', 'judge'], { learn: 1, judge: 1, lack: null }],
  [['learn', 'learn'], { learn: 1, judge: 1, lack: null }],
  // A quarter of them.
  [Array<StudyUse>(9).fill('learn'), { learn: 7, judge: 2, lack: null }],
])('of %j the sharing is %o', (uses, expected) => {
  const studies = uses.reduce(
    (all, use, index) => withUse(addStudy(all, `/${index}`), `/${index}`, use),
    [] as ReturnType<typeof addStudy>,
  );
  expect(shareStudies(studies)).toMatchObject(expected);
});
