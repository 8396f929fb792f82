import { expect, test } from 'vitest';
import { legibleName, legibleText } from '../../../../../main/core/dicom/read/legible-text.ts';

test.each([
  ['Doe, Jane', 'Doe, Jane'],
  ['  two   spaces\u00a0 ', 'two spaces'],
  ['a\u0000b\u001b[31mc\u0085d\u2028e', 'a b [31mc d e'],
  // An override would turn around what stands behind it; letters that are written from the right stay.
  ['Doe\u202enaoJ\u202c \u2066x\u2069', 'DoenaoJ x'],
  ['כהן^דוד', 'כהן^דוד'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['', ''],
])('%j', (text, legible) => {
  expect(legibleText(text)).toBe(legible);
});

test('a long text is cut between two characters', () => {
  expect(legibleText('x'.repeat(200))).toBe('x'.repeat(200));
  expect(legibleText('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`);
  expect(legibleText('𝒳'.repeat(65_536))).toBe(`${'𝒳'.repeat(200)}…`);
});

test('a name is put in reading order first, and cut as any text', () => {
  expect(legibleName('Doe^Jane^^Dr.')).toBe('Doe, Dr. Jane');
  expect(legibleName(`Doe^Jane\u202e=${'山'.repeat(60_000)}`)).toMatch(/^Doe, Jane \(山+…$/);
});
