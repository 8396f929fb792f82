import dicomParser from 'dicom-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cielabOf } from '../../../../../main/core/dicom/write/cielab.ts';
import { dataDictionary } from '../../../../../main/core/dicom/write/data-dictionary.ts';
import { EncodedItem } from '../../../../../main/core/dicom/write/data-set.ts';
import { encodeDataSet } from '../../../../../main/core/dicom/write/encode-data-set.ts';
import {
  encodeFileMeta,
  explicitLittleEndian,
  streamFile,
} from '../../../../../main/core/dicom/write/encode-file.ts';
import { decimalString } from '../../../../../main/core/dicom/write/encode-value.ts';
import { uidFromUuid } from '../../../../../main/core/dicom/write/uid-from-uuid.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('encoding a data set', () => {
  it('writes elements by tag, values padded as their representation asks', () => {
    const bytes = encodeDataSet({ Rows: 512, PatientName: 'Doe', SOPInstanceUID: '1.2.3', Modality: 'CT' });
    expect(hex(bytes)).toBe(
      '080018005549' +
        '0600' +
        '312e322e3300' + // UI, padded with NUL
        '080060004353' +
        '0200' +
        '4354' +
        '10001000504e' +
        '0400' +
        '446f6520' + // PN, padded with a space
        '280010005553' +
        '0200' +
        '0002',
    );
  });

  it('writes sequences with defined lengths, from objects and from encoded items alike', () => {
    const item = { CodeValue: 'T', CodeMeaning: 'x' };
    const expected =
      '08001592' +
      '5351' +
      '0000' +
      '1c000000' +
      'feff00e0' +
      '14000000' +
      '08000001' +
      '5348' +
      '0200' +
      '5420' +
      '08000401' +
      '4c4f' +
      '0200' +
      '7820';
    for (const form of [item, new EncodedItem(encodeDataSet(item))]) {
      expect(hex(encodeDataSet({ DerivationCodeSequence: [form] }))).toBe(expected);
    }
  });

  it('leaves out what is undefined and keeps what is empty', () => {
    expect(hex(encodeDataSet({ PatientName: '', PatientID: undefined }))).toBe('10001000504e0000');
    expect(hex(encodeDataSet({ SegmentSequence: [] }))).toBe('620002005351000000000000');
  });

  it('writes several values, tags and numbers', () => {
    expect(hex(encodeDataSet({ DimensionIndexValues: [1, 70000] }))).toBe(
      '20005791554c0800' + '01000000' + '70110100',
    );
    expect(hex(encodeDataSet({ DimensionIndexPointer: 0x0062000b }))).toBe('2000659141540400' + '62000b00');
    expect(hex(encodeDataSet({ PixelSpacing: [0.5, 1] }))).toBe(
      '2800300044530600' + Buffer.from('0.5\\1 ').toString('hex'),
    );
  });

  it('keeps text from other files valid: no control characters, no second value, no more than fits', () => {
    const bytes = encodeDataSet({ PatientID: `a\\b\u0000${'é'.repeat(100)}` });
    const text = new TextDecoder().decode(bytes.subarray(8)).trimEnd();
    expect(text).toBe(`a b ${'é'.repeat(60)}`);
  });

  it('lists each tag once, in the group and form that dicom-parser reads', () => {
    const tags = Object.values(dataDictionary).map(([tag]) => tag);
    expect(new Set(tags).size).toBe(tags.length);
  });
});

describe('decimal strings', () => {
  it('never exceeds 16 characters and keeps at least nine digits', () => {
    const numbers = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(numbers, (value) => {
        const text = decimalString(value);
        expect(text).toMatch(/^-?[\d.]+(e[+-]?\d+)?$/);
        expect(text.length).toBeLessThanOrEqual(16);
        // 16 characters less sign, point and an exponent such as e-308 leave 9 digits.
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-8);
      }),
      { seed: 1 },
    );
  });
});

describe('files', () => {
  const dataSet = {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.66.4',
    SOPInstanceUID: '2.25.1',
    Rows: 3,
    Columns: 1,
  };

  it('begins with preamble, prefix and a group length that is right', () => {
    const meta = encodeFileMeta(dataSet, explicitLittleEndian);
    expect(new TextDecoder().decode(meta.subarray(128, 132))).toBe('DICM');
    expect(new DataView(meta.buffer).getUint32(140, true)).toBe(meta.length - 144);
  });

  it('streams pixels, says the size beforehand and pads to an even length', () => {
    const file = streamFile(dataSet, 3, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    const bytes = Uint8Array.from([...file.pieces].flatMap((piece) => [...piece]));
    expect(bytes).toHaveLength(file.sizeBytes);
    const parsed = dicomParser.parseDicom(bytes);
    const pixels = parsed.elements['x7fe00010']!;
    expect([...bytes.subarray(pixels.dataOffset)]).toEqual([1, 2, 3, 0]);
    expect(parsed.string('x00020010')).toBe(explicitLittleEndian);
    expect(parsed.string('x00080018')).toBe('2.25.1');
  });

  it('refuses pixels that a length field cannot say', () => {
    expect(() => streamFile(dataSet, 2 ** 32, [])).toThrow(/4 GiB/);
  });
});

describe('identifiers and colours', () => {
  it('turns a UUID into a UID (the example of PS3.5 annex B.2)', () => {
    expect(uidFromUuid('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toBe(
      '2.25.329800735698586629295641978511506172918',
    );
  });

  it('turns sRGB into CIELab', () => {
    expect(cielabOf([255, 255, 255])).toEqual([65535, 32896, 32896]);
    expect(cielabOf([0, 0, 0])).toEqual([0, 32896, 32896]);
    // sRGB red under D50: L* 54.29, a* 80.81, b* 69.89 (Lindbloom's calculator); 0.1 of each is 66, 26 and 26 steps.
    const [l, a, b] = cielabOf([255, 0, 0]);
    expect(Math.abs(l - (54.29 / 100) * 65535)).toBeLessThan(66);
    expect(Math.abs(a - ((80.81 + 128) / 255) * 65535)).toBeLessThan(26);
    expect(Math.abs(b - ((69.89 + 128) / 255) * 65535)).toBeLessThan(26);
  });
});
