import { expect, test } from 'vitest';
import type { ResultView } from '../../../../../main/contract/ipc/result-channels.ts';
import {
  findLabels,
  rowsOf,
  sortRows,
  tableText,
} from '../../../../../renderer/features/labels/label-rows.ts';

const label = (value: number, name: string, voxels: number, mean: number | null) => ({
  value,
  name,
  voxels,
  volumeMl: voxels * 0.002,
  meanIntensity: mean,
  sdIntensity: mean === null ? null : 3,
  boundsZyx: null,
  touchesEdge: value === 1,
  color: [value, 0, 0] as const,
});
const result = {
  id: 'r1',
  modelName: 'Organs, "all"',
  variant: 'full',
  intensityUnit: 'HU',
  grid: { spacingZyxMm: [2, 1, 1] },
  labels: [label(1, 'kidney_left', 500, 30), label(2, 'liver', 9000, 60.5), label(3, '=cmd()', 0, null)],
} as unknown as ResultView;
const rows = rowsOf(
  result,
  new Map([
    [1, 500],
    [2, 4500],
    [3, 0],
  ]),
);
const names = (list: typeof rows | readonly (typeof rows)[number][]) => list.map(({ name }) => name);

test('an edited label has its new volume, and its intensity is not known before it is stored', () => {
  expect(rows[0]).toMatchObject({ voxels: 500, volumeMl: 1, mean: 30, isEdited: false });
  expect(rows[1]).toMatchObject({ voxels: 4500, volumeMl: 9, mean: null, sd: null, isEdited: true });
});

test('labels are found by words in any order, with or without underscores', () => {
  expect(names(findLabels(rows, 'Left KID'))).toEqual(['kidney_left']);
  expect(names(findLabels(rows, 'kidney_left'))).toEqual(['kidney_left']);
  expect(findLabels(rows, ' ')).toHaveLength(3);
  expect(findLabels(rows, 'spleen')).toHaveLength(0);
});

test('what has no value comes last, whichever way it is sorted', () => {
  expect(names(sortRows(rows, 'volumeMl', true))).toEqual(['liver', 'kidney_left', '=cmd()']);
  expect(names(sortRows(rows, 'volumeMl', false))).toEqual(['=cmd()', 'kidney_left', 'liver']);
  for (const isDescending of [true, false])
    expect(names(sortRows(rows, 'mean', isDescending))[0]).toBe('kidney_left');
  expect(sortRows(rows, 'order', true)).toBe(rows);
});

test('a copied table says what it is of, and holds no formula', () => {
  const csv = tableText(rows, result, 'csv').trimEnd().split('\r\n');
  expect(csv[0]).toBe('label,name,voxels,volume_ml,mean_hu,sd_hu,touches_edge,result,model,variant,notice');
  expect(csv[1]).toBe(
    '1,kidney_left,500,1,30,3,yes,r1,"Organs, ""all""",full,Research use only. Not for clinical use.',
  );
  expect(csv[3]).toContain("3,'=cmd(),0,0,,,no");
  const tsv = tableText(rows, result, 'tsv');
  expect(tsv).toContain("3\t'=cmd()\t0");
  expect(tsv).toContain('Research use only');
});
