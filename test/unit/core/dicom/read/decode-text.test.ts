import { describe, expect, it } from 'vitest';
import { decodeText, text } from '../../../../../main/core/dicom/read/decode-text.ts';
import { items } from '../../../../../main/core/dicom/read/element-set.ts';
import { parseHeader } from '../../../../../main/core/dicom/read/parse-header.ts';
import { readablePersonName } from '../../../../../main/core/dicom/read/person-name.ts';
import { tag } from '../../../../../main/core/dicom/read/tags.ts';
import { dicomBytes, latin1 } from '../../../../fixtures/dicom-bytes.ts';

/** Character set, bytes, text. The first group are the examples of PS3.5 annexes H to K. */
const names: readonly (readonly [string, string, string])[] = [
  [
    '\\ISO 2022 IR 87',
    'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B',
    'Yamada^Tarou=山田^太郎=やまだ^たろう',
  ],
  [
    'ISO 2022 IR 13\\ISO 2022 IR 87',
    '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J',
    'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
  ],
  [
    '\\ISO 2022 IR 149',
    'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf',
    'Hong^Gildong=洪^吉洞=홍^길동',
  ],
  ['ISO_IR 192', 'Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe4\xb8\x9c=', 'Wang^XiaoDong=王^小东='],
  ['GB18030', 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=', 'Wang^XiaoDong=王^小东='],
  ['GBK', 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=', 'Wang^XiaoDong=王^小东='],
  ['\\ISO 2022 IR 58', 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=', 'Zhang^XiaoDong=张^小东='],
  ['\\ISO 2022 IR 159', 'A^\x1b$(D0!\x1b(B', 'A^丂'],
  ['ISO_IR 6', 'Adams^John', 'Adams^John'],
  ['ISO_IR 100', 'Buc^J\xe9r\xf4me', 'Buc^Jérôme'],
  ['ISO_IR 101', '\xa3ukasz', 'Łukasz'],
  ['ISO_IR 109', '\xa1al', 'Ħal'],
  ['ISO_IR 110', '\xabirts', 'Ģirts'],
  ['ISO_IR 144', '\xbb\xee\xda\xe1\xd5\xdc\xd1\xe3\xe0\xd3', 'Люксембург'],
  ['ISO_IR 127', '\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1', 'قباني^لنزار'],
  ['ISO_IR 126', '\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2', 'Διονυσιος'],
  ['ISO_IR 138', '\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4', 'שרון^דבורה'],
  ['ISO_IR 148', '\xc7avu\xfeo\xf0lu', 'Çavuşoğlu'],
  ['ISO_IR 166', '\xbb\xc3\xd0\xaa\xd2', 'ประชา'],
  ['ISO_IR 13', '\xd4\xcf\xc0\xde', 'ﾔﾏﾀﾞ'],
  // One value in two alphabets.
  ['ISO 2022 IR 100\\ISO 2022 IR 144', 'J\xe9r\xf4me \x1b-L\xbb\xee\xda', 'Jérôme Люк'],
  ['ISO 2022 IR 6\\ISO 2022 IR 126', 'A \x1b-F\xc4\xe9', 'A Δι'],
];

describe('decodeText', () => {
  for (const [characterSet, bytes, expected] of names) {
    it(`decodes ${expected} from ${characterSet}`, () => {
      expect(decodeText(latin1(bytes), characterSet, 'PN')).toBe(expected);
    });
  }

  it('starts anew with the first character set after each delimiter of a name', () => {
    const bytes = latin1('\x1b-L\xbb\xee^\xe9');
    expect(decodeText(bytes, 'ISO 2022 IR 100\\ISO 2022 IR 144', 'PN')).toBe('Лю^é');
  });

  it('reads misspelt character sets', () => {
    for (const name of ['ISO-IR 144', 'ISO_IR_144', 'iso_ir 144', ' ISO_IR 144 ', 'ISO IR 144']) {
      expect(decodeText(latin1('\xbb'), name, 'LO')).toBe('Л');
    }
    expect(decodeText(latin1('\xe7\x8e\x8b'), 'UTF-8', 'LO')).toBe('王');
  });

  it('guesses UTF-8, then Latin-1, where the character set does not fit', () => {
    expect(decodeText(latin1('J\xc3\xa9'), '', 'LO')).toBe('Jé');
    expect(decodeText(latin1('J\xe9'), '', 'LO')).toBe('Jé');
    expect(decodeText(latin1('J\xe9'), 'ISO_IR 192', 'LO')).toBe('Jé');
    expect(decodeText(latin1('J\xe9'), 'NOT A SET', 'LO')).toBe('Jé');
    expect(decodeText(latin1('A\x1b!Z'), 'ISO 2022 IR 6\\ISO 2022 IR 87', 'LO')).toContain('A');
  });

  it('removes padding and nulls', () => {
    expect(decodeText(latin1(' Chest \0'), 'ISO_IR 100', 'LO')).toBe('Chest');
  });

  it('decodes an item by its own character set, or else by that of its data set', () => {
    const item = { '0008103e': ['LO', '\xbb'] } as const;
    const file = dicomBytes({
      '00080005': ['CS', 'ISO_IR 144'],
      '0008103e': ['LO', '\xbb'],
      '00081140': ['SQ', [item, { '00080005': ['CS', 'ISO_IR 100'], ...item }]],
    });
    const read = parseHeader(file);
    if (read.kind !== 'header') throw new Error(read.kind);
    const { dataSet } = read.header;
    expect(text(dataSet, tag.seriesDescription, 'LO')).toBe('Л');
    const texts = items(dataSet, 'x00081140').map((each) => text(each, tag.seriesDescription, 'LO'));
    expect(texts).toEqual(['Л', '»']);
  });
});

describe('readablePersonName', () => {
  const readable: Record<string, string> = {
    'Doe^Jane': 'Doe, Jane',
    'Adams^John Robert Quincy^^Rev.^B.A. M.Div.': 'Adams, Rev. John Robert Quincy, B.A. M.Div.',
    'Yamada^Tarou=山田^太郎=やまだ^たろう': 'Yamada, Tarou (山田 太郎)',
    'Hong^Gildong==홍^길동': 'Hong, Gildong (홍 길동)',
    '=山田^太郎': '山田 太郎',
    'Wang^XiaoDong=王^小东=': 'Wang, XiaoDong (王 小东)',
    PHANTOM: 'PHANTOM',
    '^^^^': '',
    '': '',
  };
  for (const [name, expected] of Object.entries(readable)) {
    it(`reads ${name || 'an empty name'}`, () => {
      expect(readablePersonName(name)).toBe(expected);
    });
  }
});
