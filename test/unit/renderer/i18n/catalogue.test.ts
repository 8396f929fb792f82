import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { de } from '../../../../renderer/i18n/de.ts';
import { en } from '../../../../renderer/i18n/en.ts';

interface Texts {
  readonly [key: string]: string | Texts;
}

function flat(texts: Texts, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

const english = flat(en);
const german = flat(de);
const renderer = resolve(import.meta.dirname, '../../../../renderer');
const sources = globSync('**/*.{ts,svelte}', { cwd: renderer })
  .filter((path) => !/^i18n\/((en|de)\/|(en|de)\.ts)/.test(path.replaceAll('\\', '/')))
  .map((path) => readFileSync(join(renderer, path), 'utf8'))
  .join('\n');

/** Words that are the same in both languages, and what is no word. */
const same = new Set([
  'Thinslice',
  'Axial',
  'Sagittal',
  'Zoom',
  'Mediastinum',
  'Patient',
  'Label',
  'Name',
  'Export',
  'DICOM SEG',
  'RT Structure Set',
  'NIfTI',
  'JSON',
  'Dice',
  'Radius, mm',
  'Labels',
  'Code',
  'English',
  'Deutsch',
  'System',
]);

/** Signs, units and what is filled in are the same in any language. */
const hasWords = (text: string): boolean => /\p{L}{4}/u.test(text.replace(/\{\{\w+\}\}/g, ''));

describe('the catalogues', () => {
  test('have the same keys', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test('have the same values to fill in', () => {
    const values = (text: string): string[] =>
      [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!).sort();
    for (const [key, text] of english) expect([key, values(german.get(key)!)]).toEqual([key, values(text)]);
  });

  test('are translated, but for what is the same in both languages', () => {
    const untranslated = [...english].filter(
      ([key, text]) => german.get(key) === text && hasWords(text) && !same.has(text),
    );
    expect(untranslated).toEqual([]);
  });

  test('hold nothing that no source asks for', () => {
    // 'a.b' as it stands, or `a.${…}` for a choice among texts.
    const patterns = [...sources.matchAll(/`([\w.-]+(?:\$\{[^`]*?\}[\w.-]*)+)`/g)].map(
      ([, key]) => new RegExp(`^${key!.replaceAll('.', '\\.').replace(/\$\{.*?\}/g, '[^.]+')}$`),
    );
    const isAsked = (key: string): boolean =>
      new RegExp(`['"\`]${key.replace(/[.-]/g, '\\$&')}['"\`]`).test(sources) ||
      patterns.some((pattern) => pattern.test(key));
    const unused = [...english.keys()]
      .map((key) => key.replace(/_(one|other)$/, ''))
      .filter((key) => !isAsked(key));
    expect([...new Set(unused)]).toEqual([]);
  });
});
