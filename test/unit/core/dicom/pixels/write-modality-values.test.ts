import { describe, expect, it } from 'vitest';
import { samplesOfBytes } from '../../../../../main/core/dicom/pixels/stored-samples.ts';
import { writeModalityValues } from '../../../../../main/core/dicom/pixels/write-modality-values.ts';
import { bytesOf } from '../../../../fixtures/make-dicom.ts';

const plain = { signed: false, padding: null };
const identity = { slope: 1, intercept: 0 };

describe('writeModalityValues', () => {
  it('drops overlay bits and extends the sign from the highest stored bit', () => {
    const values = Uint16Array.of(0xf7ff, 0x0800, 0x7fff, 0x0001);
    const samples = { values, bitsStored: 12, highBit: 11 };
    const target = new Int16Array(4);
    writeModalityValues(samples, { ...plain, signed: true }, identity, target, 0);
    expect([...target]).toEqual([2047, -2048, -1, 1]);
    writeModalityValues(samples, plain, identity, target, 0);
    expect([...target]).toEqual([2047, 2048, 4095, 1]);
  });

  it('finds values that are not in the lowest bits', () => {
    const samples = { values: Uint16Array.of(0xabc0, 0x001f), bitsStored: 12, highBit: 15 };
    const target = new Int16Array(2);
    writeModalityValues(samples, plain, identity, target, 0);
    expect([...target]).toEqual([0xabc, 1]);
  });

  it('keeps 32 bits, signed and not', () => {
    const samples = { values: Uint32Array.of(0xffffffff, 5), bitsStored: 32, highBit: 31 };
    const target = new Float32Array(2);
    writeModalityValues(samples, plain, identity, target, 0);
    expect([...target]).toEqual([2 ** 32, 5]);
    writeModalityValues(samples, { ...plain, signed: true }, identity, target, 0);
    expect([...target]).toEqual([-1, 5]);
  });

  it('rescales from the offset on', () => {
    const samples = { values: Uint8Array.of(1, 2), bitsStored: 8, highBit: 7 };
    const target = new Float32Array(4);
    expect(writeModalityValues(samples, plain, { slope: 0.5, intercept: -1 }, target, 1)).toBe(true);
    expect([...target]).toEqual([0, -0.5, 0, 0]);
  });

  it('says when a value does not fit, and clamps padding without a word', () => {
    const samples = { values: Uint16Array.of(0x8000, 0x8001, 100), bitsStored: 16, highBit: 15 };
    const rescale = { slope: 1, intercept: -1024 };
    const target = new Int16Array(3);
    expect(writeModalityValues(samples, { signed: true, padding: null }, rescale, target, 0)).toBe(false);
    const padding = { low: -32768, high: -32767 };
    expect(writeModalityValues(samples, { signed: true, padding }, rescale, target, 0)).toBe(true);
    expect([...target]).toEqual([-32768, -32768, -924]);
    const unsigned = new Uint16Array(3);
    expect(writeModalityValues(samples, { signed: false, padding: null }, identity, unsigned, 0)).toBe(true);
    expect(writeModalityValues(samples, { signed: false, padding: null }, rescale, unsigned, 0)).toBe(false);
  });
});

describe('samplesOfBytes', () => {
  const layout = {
    rows: 1,
    columns: 2,
    frames: 1,
    bitsAllocated: 16,
    bitsStored: 16,
    highBit: 15,
    ...plain,
  } as const;
  const little = { bigEndian: false, inWords: true };

  it('is a view where alignment allows, a copy elsewhere', () => {
    const file = bytesOf(Uint16Array.of(0x0201, 0x0403, 0x0605));
    const aligned = samplesOfBytes(file.subarray(2), layout, little).values;
    expect([...aligned]).toEqual([0x0403, 0x0605]);
    expect(aligned.buffer).toBe(file.buffer);
    expect([...samplesOfBytes(file.subarray(1, 5), layout, little).values]).toEqual([0x0302, 0x0504]);
  });

  it('swaps big endian samples by their size, and bytes in pairs where they were written as words', () => {
    const file = Uint8Array.of(1, 2, 3, 4);
    const values = (bitsAllocated: 8 | 16 | 32, inWords: boolean) => [
      ...samplesOfBytes(file, { ...layout, bitsAllocated }, { bigEndian: true, inWords }).values,
    ];
    expect(values(16, true)).toEqual([0x0102, 0x0304]);
    expect(values(32, true)).toEqual([0x01020304]);
    expect(values(8, true)).toEqual([2, 1, 4, 3]);
    expect(values(8, false)).toEqual([1, 2, 3, 4]);
    expect([...file]).toEqual([1, 2, 3, 4]);
  });
});
