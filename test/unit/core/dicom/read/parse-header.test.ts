import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../../../../main/core/dicom/read/decode-text.ts';
import { items, number, numbers, string } from '../../../../../main/core/dicom/read/element-set.ts';
import { maxHeaderBytes, parseHeader } from '../../../../../main/core/dicom/read/parse-header.ts';
import type { DicomHeader } from '../../../../../main/core/dicom/read/parse-header.ts';
import { tag } from '../../../../../main/core/dicom/read/tags.ts';
import { dicomBytes, fieldClaiming, join, latin1 } from '../../../../fixtures/dicom-bytes.ts';
import type { Fields, FileForm } from '../../../../fixtures/dicom-bytes.ts';
import { sliceFields, without } from '../../../../fixtures/slice-fields.ts';

const nested: Fields = {
  '00081140': ['SQ', [{ '00081155': ['UI', '1.2.3'] }, { '00081155': ['UI', '1.2.4'] }]],
  '00089215': ['SQ', [{ '00081155': ['UI', '9.9'], '00081140': ['SQ', [{ '00081155': ['UI', '9.9.9'] }]] }]],
  '00189087': ['FD', 800],
  '52009229': ['SQ', [{ '00289110': ['SQ', [{ '00280030': ['DS', [2, 3]] }]] }]],
};

function headerOf(bytes: Uint8Array, fileBytes?: number): DicomHeader {
  const read = parseHeader(bytes, fileBytes);
  if (read.kind !== 'header') throw new Error(`not a header but ${read.kind}`);
  return read.header;
}

/** As a scan reads: a first chunk, and more while the header asks for it. */
function readInChunks(file: Uint8Array, firstBytes: number): { header: DicomHeader; bytesRead: number } {
  for (let bytes = Math.min(firstBytes, file.length); ;) {
    const read = parseHeader(file.slice(0, bytes), file.length);
    if (read.kind === 'header') return { header: read.header, bytesRead: bytes };
    if (read.kind === 'not-dicom') throw new Error('not DICOM');
    expect(read.bytes).toBeGreaterThan(bytes);
    bytes = Math.min(read.bytes, file.length);
  }
}

function facts({ dataSet, pixelData, cutShort }: DicomHeader) {
  return {
    cutShort,
    modality: string(dataSet, tag.modality),
    name: text(dataSet, tag.patientName, 'PN'),
    rows: number(dataSet, tag.rows, 'US'),
    position: numbers(dataSet, tag.imagePosition, 'DS'),
    bValue: number(dataSet, tag.diffusionBValue, 'FD'),
    references: items(dataSet, 'x00081140').map((item) => string(item, 'x00081155')),
    deep: items(dataSet, 'x00089215')
      .flatMap((item) => items(item, 'x00081140'))
      .map((item) => string(item, 'x00081155')),
    shared: items(dataSet, tag.sharedFunctionalGroups)
      .flatMap((item) => items(item, tag.pixelMeasuresSequence))
      .map((item) => numbers(item, tag.pixelSpacing, 'DS')),
    pixelBytes: pixelData?.lengthBytes,
  };
}

const expected = {
  cutShort: null,
  modality: 'CT',
  name: 'Doe^Jane',
  rows: 3,
  position: [-10, -20, 5],
  bValue: 800,
  references: ['1.2.3', '1.2.4'],
  deep: ['9.9.9'],
  shared: [[2, 3]],
  pixelBytes: 24,
};

const fields = sliceFields(5, nested);

describe('parseHeader', () => {
  for (const syntax of ['explicit', 'implicit', 'big-endian', 'deflated'] as const) {
    for (const undefinedLengths of [false, true]) {
      const lengths = undefinedLengths ? 'undefined' : 'known';
      it(`reads ${syntax} with sequences of ${lengths} length`, () => {
        expect(facts(headerOf(dicomBytes(fields, { syntax, undefinedLengths })))).toEqual(expected);
      });
    }
  }

  const bare: FileForm[] = [
    { syntax: 'explicit', meta: 'none' },
    { syntax: 'implicit', meta: 'none' },
    { syntax: 'big-endian', meta: 'none' },
    { syntax: 'explicit', meta: 'no-preamble' },
    { syntax: 'implicit', meta: 'no-preamble' },
  ];
  for (const form of bare) {
    it(`reads ${form.syntax} with meta information: ${form.meta}`, () => {
      expect(facts(headerOf(dicomBytes(fields, form)))).toEqual(expected);
    });
  }

  it('reads an ACR-NEMA file, which starts with a group length and has no UIDs', () => {
    const acr: Fields = {
      '00080000': ['UL', 30],
      '00080001': ['UL', 99],
      ...without(fields, '00080016', '0020000d'),
    };
    expect(facts(headerOf(dicomBytes(acr, { syntax: 'implicit', meta: 'none' })))).toEqual(expected);
  });

  it('believes the bytes where the transfer syntax misstates the value representation', () => {
    const implicit = dicomBytes(fields, { syntax: 'implicit', transferSyntaxUid: '1.2.840.10008.1.2.1' });
    const explicit = dicomBytes(fields, { syntax: 'explicit', transferSyntaxUid: '1.2.840.10008.1.2' });
    expect(facts(headerOf(implicit))).toEqual(expected);
    expect(facts(headerOf(explicit))).toEqual(expected);
  });

  it('reads values and sequences written as UN', () => {
    const unknown = Object.fromEntries(
      Object.entries(fields).map(([key, [vr, value]]) => {
        const isBinary = ['US', 'FD'].includes(vr);
        const bytes = isBinary ? dicomBytes({ [key]: [vr, value] }, { meta: 'none' }).slice(8) : value;
        return [key, [key === '7fe00010' ? vr : 'UN', bytes]];
      }),
    ) as Fields;
    expect(facts(headerOf(dicomBytes(unknown)))).toEqual(expected);
    expect(facts(headerOf(dicomBytes(unknown, { undefinedLengths: true })))).toEqual(expected);
  });

  it('steps over the long value representations that dicom-parser does not know', () => {
    const long: Fields = {
      '00080102': ['UV', new Uint8Array(16)],
      '00080103': ['SV', new Uint8Array(8)],
      '7fe00001': ['OV', new Uint8Array(64)],
    };
    expect(facts(headerOf(dicomBytes({ ...fields, ...long })))).toEqual(expected);
  });

  it('tells where pixel data lie in encapsulated and in native files', () => {
    const encapsulated = join([fieldClaiming('7fe00010', 'OB', 0xffffffff), new Uint8Array(100)]);
    const file = dicomBytes(without(fields, '7fe00010'), { tail: encapsulated });
    expect(headerOf(file).pixelData).toEqual({ tag: tag.pixelData, lengthBytes: null, availableBytes: 100 });
    expect(headerOf(dicomBytes(fields)).pixelData).toEqual({
      tag: tag.pixelData,
      lengthBytes: 24,
      availableBytes: 24,
    });
  });

  it('never asks for the pixels', () => {
    const pixels = new Uint8Array(1 << 20);
    const file = dicomBytes({ ...fields, '7fe00010': ['OW', pixels] });
    for (const first of [1, 200, 1000, 4096]) {
      const { header, bytesRead } = readInChunks(file, first);
      expect({ ...facts(header), pixelBytes: 24 }).toEqual(expected);
      // A header of about 1.5 kB, read on by doubling and 4 kB at a time while it is not even known to be DICOM.
      expect(bytesRead).toBeLessThan(10_000);
    }
  });

  it('inflates no more of a deflated file than its header', () => {
    const file = dicomBytes(
      { ...fields, '7fe00010': ['OW', new Uint8Array(1 << 22)] },
      { syntax: 'deflated' },
    );
    const { dataSet } = headerOf(file);
    expect(dataSet.bytes.length).toBeLessThan(1 << 20);
  });

  it('reads a header longer than any chunk', () => {
    const file = dicomBytes({ ...fields, '00091010': ['OB', new Uint8Array(300_000)] });
    expect(facts(readInChunks(file, 1 << 14).header)).toEqual(expected);
  });

  it('gives the same header however much is read at first', () => {
    const forms = fc.record({
      syntax: fc.constantFrom(
        'explicit' as const,
        'implicit' as const,
        'big-endian' as const,
        'deflated' as const,
      ),
      undefinedLengths: fc.boolean(),
    });
    fc.assert(
      fc.property(forms, fc.integer({ min: 1, max: 3000 }), (form, first) => {
        expect(facts(readInChunks(dicomBytes(fields, form), first).header)).toEqual(expected);
      }),
    );
  });

  it('keeps what comes before a cut, at any byte, and says that it was cut', () => {
    for (const syntax of ['explicit', 'implicit', 'big-endian', 'deflated'] as const) {
      const file = dicomBytes(fields, { syntax, undefinedLengths: true });
      const uncut = headerOf(file);
      let whole = 0;
      for (let length = 132; length < file.length; length++) {
        const header = headerOf(file.slice(0, length));
        if (header.pixelData) expect(facts(header)).toEqual(facts(uncut));
        if (header.cutShort === null && !header.pixelData) whole++;
      }
      // Only a cut exactly between two elements leaves a shorter data set that is whole.
      expect(whole).toBeLessThanOrEqual(Object.keys(fields).length + 1);
    }
  });

  it('does not take other files for DICOM', () => {
    const others = [
      new Uint8Array(),
      new Uint8Array(5000),
      latin1('%PDF-1.7 and so on'.padEnd(400)),
      latin1('\x89PNG\r\n\x1a\n'.padEnd(400)),
      latin1('\x08\x00'.padEnd(400, 'x')),
      latin1('\x02\x00'.padEnd(400, '\0')),
      latin1('PK\x03\x04'.padEnd(400)),
    ];
    for (const other of others) expect(parseHeader(other)).toEqual({ kind: 'not-dicom' });
  });
});

describe('parseHeader on hostile bytes', () => {
  it('does not follow a length of 2 GB beyond the end of the file', () => {
    const file = dicomBytes(without(fields, '7fe00010'), {
      tail: fieldClaiming('50000010', 'OB', 0x7fffffff),
    });
    const header = headerOf(file);
    expect(header.cutShort?.code).toBe('header-cut-short');
    expect(string(header.dataSet, tag.modality)).toBe('CT');
  });

  it('does not read more than 64 MiB of a file whose header claims it', () => {
    const file = dicomBytes(without(fields, '7fe00010'), {
      tail: fieldClaiming('50000010', 'OB', 0x7fffffff),
    });
    // A sparse file could really be this long.
    const header = headerOf(file, 2 ** 32);
    expect(maxHeaderBytes).toBe(64 * 2 ** 20);
    expect(header.cutShort).not.toBeNull();
  });

  it('survives sequences nested 100,000 deep', () => {
    const open = join([
      fieldClaiming('00081140', 'SQ', 0xffffffff),
      Uint8Array.of(0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255),
    ]);
    const depth = 100_000;
    const deep = new Uint8Array(open.length * depth);
    for (let level = 0; level < depth; level++) deep.set(open, level * open.length);
    const file = dicomBytes({ '00080060': ['CS', 'CT'] }, { tail: deep });
    const header = headerOf(file);
    expect(header.cutShort?.code).toBe('header-damaged');
    expect(string(header.dataSet, tag.modality)).toBe('CT');
  });

  it('survives items that reach beyond their sequence, known or unknown in length', () => {
    const item = Uint8Array.of(0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0x7f);
    const file = dicomBytes({ ...fields, '00081140': ['SQ', item] });
    const header = headerOf(file);
    expect(items(header.dataSet, 'x00081140')).toEqual([]);
    expect(number(header.dataSet, tag.rows, 'US')).toBe(3);
  });

  it('bounds what a deflated header inflates to', () => {
    // 80 MiB of zero bytes in one private element, from 80 kB.
    const zeros = new Uint8Array(80 * 2 ** 20);
    const file = dicomBytes({ '00080060': ['CS', 'CT'], '00091010': ['OB', zeros] }, { syntax: 'deflated' });
    const header = headerOf(file);
    expect(header.cutShort).not.toBeNull();
    expect(header.dataSet.bytes.length).toBeLessThan(maxHeaderBytes + 2 ** 20);
  });

  it('returns on any bytes, and asks only for more than it was given', () => {
    const valid = dicomBytes(fields, { undefinedLengths: true });
    const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(damage, fc.nat(100_000), (changes, more) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const read = parseHeader(bytes, bytes.length + more);
        if (read.kind === 'needs') expect(read.bytes).toBeGreaterThan(bytes.length);
        if (read.kind === 'header') facts(read.header);
      }),
      { numRuns: 2000, seed: 1 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (body) => {
        const bytes = join([dicomBytes({}), body]);
        const read = parseHeader(bytes);
        if (read.kind === 'header') facts(read.header);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });
});
