import { beforeAll, expect, test } from 'vitest';
import { wordsOfDate, wordsOfSex } from '../../../../renderer/i18n/dicom-words.ts';
import { setLanguage, startI18n } from '../../../../renderer/i18n/i18n.svelte.ts';

beforeAll(() => startI18n('en'));

test('dates are written as the language does, whatever the time zone', async () => {
  expect(wordsOfDate('20240131')).toBe('Jan 31, 2024');
  expect(wordsOfDate('1997.06.09')).toBe('Jun 9, 1997');
  await setLanguage('de');
  expect(wordsOfDate('20240131')).toBe('31.01.2024');
  await setLanguage('en');
});

test.each(['', '20240230', '99999999', '00000000', '2024', '<b>', '20240131-20240201'])(
  '%j is no date and stays as it is',
  (text) => expect(wordsOfDate(text)).toBe(text),
);

test('the sex has words; what the standard does not know stays as it is', async () => {
  expect(['F', 'M', 'O', '', 'X'].map(wordsOfSex)).toEqual(['female', 'male', 'other', '', 'X']);
  await setLanguage('de');
  expect(['F', 'M', 'O'].map(wordsOfSex)).toEqual(['weiblich', 'männlich', 'divers']);
});
