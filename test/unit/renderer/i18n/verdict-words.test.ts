import { beforeAll, describe, expect, test } from 'vitest';
import type { VerdictCode } from '../../../../main/core/dicom/study.ts';
import { languages, setLanguage, startI18n } from '../../../../renderer/i18n/i18n.svelte.ts';
import { wordsOfFinding, wordsOfVerdict } from '../../../../renderer/i18n/verdict-words.ts';

beforeAll(() => startI18n('en'));

/** The numbers of each code, as the geometry gate gives them; a new code does not compile without. */
const numbersOf: Readonly<Record<VerdictCode, Readonly<Record<string, number>>>> = {
  ok: { slices: 30, spacingMm: 2.5 },
  'tilt-resheared': { degrees: 12.25, shiftMm: 31.4 },
  'spacing-resampled': { shortestMm: 1.4, longestMm: 1.6 },
  'duplicates-dropped': { duplicates: 3 },
  gap: { spacingMm: 5, longestMm: 10, gaps: 1, missing: 7 },
  'uneven-spacing': { shortestMm: 1, longestMm: 3 },
  'uneven-shift': { shiftMm: 2.5 },
  'single-position': { slices: 9 },
  'too-few-slices': { slices: 2, needed: 3 },
  'mixed-orientation': { images: 4, degrees: 90 },
  'mixed-matrix': { images: 5 },
  'missing-geometry': { images: 6 },
  'missing-rescale': { images: 7 },
  'not-hu': { images: 8 },
  localizer: { images: 2 },
  'not-an-image': { objects: 2 },
  'unsupported-pixels': { images: 3 },
  truncated: { images: 4 },
};
const codes = Object.keys(numbersOf) as VerdictCode[];
/** Not told in words: they are as good as known. */
const untold: Readonly<Partial<Record<VerdictCode, readonly string[]>>> = {
  gap: ['gaps'],
  localizer: ['images'],
};

describe.each(languages)('in %s', (language) => {
  beforeAll(() => setLanguage(language));

  test.each(codes)('%s has words, for one and for several, with its numbers', (code) => {
    const numbers = numbersOf[code];
    const several = wordsOfFinding({ code, numbers });
    const one = wordsOfFinding({
      code,
      numbers: Object.fromEntries(Object.keys(numbers).map((n) => [n, 1])),
    });
    for (const words of [several, one]) {
      expect(words).not.toMatch(/\{\{|studies\.|NaN|undefined/);
      expect(words.length).toBeGreaterThan(15);
    }
    for (const [name, value] of Object.entries(numbers)) {
      if (code === 'not-an-image' || untold[code]?.includes(name)) continue;
      expect(several).toContain(new Intl.NumberFormat(language).format(value));
    }
  });

  test('no two codes have the same words', () => {
    const all = codes.map((code) => wordsOfFinding({ code, numbers: numbersOf[code] }));
    expect(new Set(all).size).toBe(codes.length);
  });
});

test('one is one and several are several', async () => {
  const missing = (count: number) =>
    wordsOfFinding({ code: 'gap', numbers: { ...numbersOf.gap, missing: count } });
  await setLanguage('en');
  expect([missing(1), missing(7)].map((words) => words.split(': ')[1])).toEqual([
    '1 slice is missing.',
    '7 slices are missing.',
  ]);
  await setLanguage('de');
  expect([missing(1), missing(7)].map((words) => words.split(': ')[1])).toEqual([
    '1 Schicht fehlt.',
    '7 Schichten fehlen.',
  ]);
});

test('a verdict tells what decided it', async () => {
  await setLanguage('en');
  const finding = (code: VerdictCode) => ({ code, numbers: numbersOf[code] });
  expect(wordsOfVerdict({ outcome: 'ok', findings: [finding('ok')] })).toEqual([]);
  expect(wordsOfVerdict({ outcome: 'corrected', findings: [finding('duplicates-dropped')] })).toEqual([
    '3 duplicate slices are left out.',
  ]);
  const refused = wordsOfVerdict({
    outcome: 'refused',
    findings: [finding('duplicates-dropped'), finding('uneven-spacing')],
  });
  expect(refused).toEqual(['Slices are unevenly spaced, 1 to 3 mm apart.']);
});
