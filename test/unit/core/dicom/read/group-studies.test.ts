import { describe, expect, it } from 'vitest';
import { groupStudies } from '../../../../../main/core/dicom/read/group-studies.ts';
import type { Study } from '../../../../../main/core/dicom/study.ts';
import type { Fields } from '../../../../fixtures/dicom-bytes.ts';
import { sliceFields } from '../../../../fixtures/slice-fields.ts';
import { instanceOf } from './instance-of.ts';

describe('groupStudies', () => {
  const named = (study: string, series: string, z: number, others: Fields = {}) =>
    instanceOf(
      sliceFields(z, { '0020000d': ['UI', study], '0020000e': ['UI', series], ...others }),
      `/a/${study}-${series}-${z}`,
    );
  const tree = (studies: readonly Study[]) =>
    studies.map(({ studyInstanceUid, series }) => [
      studyInstanceUid,
      series.map(({ seriesInstanceUid, volumes }) => [
        seriesInstanceUid,
        volumes.map(({ id, frames }) => [id, frames.length]),
      ]),
    ]);

  it('groups whatever order files come in, and names split volumes', () => {
    const instances = [
      ...[0, 1, 2].map((z) => named('1.1', '1.1.1', z)),
      ...[0, 1, 2].map((z) => named('1.1', '1.1.2', z, { '00180086': ['IS', '1'], '00200011': ['IS', '1'] })),
      ...[3, 4, 5].map((z) => named('1.1', '1.1.2', z, { '00180086': ['IS', '2'], '00200011': ['IS', '1'] })),
      ...[0, 1, 2].map((z) => named('1.2', '1.2.1', z, { '00080020': ['DA', '20250101'] })),
    ];
    const expected = [
      [
        '1.1',
        [
          [
            '1.1.2',
            [
              ['1.1.2#1', 3],
              ['1.1.2#2', 3],
            ],
          ],
          ['1.1.1', [['1.1.1', 3]]],
        ],
      ],
      ['1.2', [['1.2.1', [['1.2.1', 3]]]]],
    ];
    expect(tree(groupStudies(instances))).toEqual(expected);
    expect(groupStudies([...instances].reverse())).toEqual(groupStudies(instances));
  });

  it('gives volumes of a series that two studies claim ids of their own', () => {
    const studies = groupStudies([named('1.1', '9', 0), named('1.2', '9', 0)]);
    const ids = studies.flatMap(({ series }) => series.flatMap(({ volumes }) => volumes.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(2);
  });

  it('fills attributes that the first file leaves empty from the others', () => {
    const [study] = groupStudies([
      named('1.1', '1.1.1', 0, { '00100010': ['PN', ''] }),
      named('1.1', '1.1.1', 1, { '00100010': ['PN', 'Doe^Jane'] }),
    ]);
    expect(study?.patientName).toBe('Doe^Jane');
  });
});
