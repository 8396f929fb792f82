import { describe, expect, it } from 'vitest';
import { openPixelData } from '../../../../../main/core/dicom/pixels/open-pixel-data.ts';
import { PixelDataError } from '../../../../../main/core/dicom/pixels/pixel-data-error.ts';
import {
  bytesOf,
  concat,
  encapsulate,
  extendedOffsetTable,
  makeDicom,
} from '../../../../fixtures/make-dicom.ts';
import type { ImageFields } from '../../../../fixtures/make-dicom.ts';

const image: ImageFields = { rows: 2, columns: 3, frames: 2 };
const pixels = bytesOf(Uint16Array.from({ length: 12 }, (_, index) => index * 257 + 1));
const rle = '1.2.840.10008.1.2.5';
const jpeg = '1.2.840.10008.1.2.4.70';

describe('openPixelData', () => {
  it.each(['implicit', 'explicit', 'big-endian', 'deflated'] as const)('finds the frames in %s', (syntax) => {
    const data = openPixelData(makeDicom(image, syntax, pixels));
    expect(data.layout).toEqual({
      rows: 2,
      columns: 3,
      frames: 2,
      bitsAllocated: 16,
      bitsStored: 16,
      highBit: 15,
      signed: false,
      padding: null,
    });
    expect(data.encoding).toBe(syntax === 'big-endian' ? 'native-big-endian' : 'native-little-endian');
    expect([...data.frameAt(0), ...data.frameAt(1)]).toEqual([...pixels]);
    expect(() => data.frameAt(2)).toThrow('frame 3 does not exist');
  });

  it('reads a data set without preamble and meta information', () => {
    const file = makeDicom(image, 'explicit', pixels);
    // Preamble and the one meta element: 8 bytes and the 20 of the UID.
    const bare = file.subarray(132 + 8 + 20);
    expect([...openPixelData(bare).frameAt(1)]).toEqual([...pixels.subarray(12)]);
  });

  it('reads signed padding whatever representation it was written in', () => {
    const padded = { ...image, signed: true, padding: -2000, paddingLimit: -1990 };
    expect(openPixelData(makeDicom(padded, 'explicit', pixels)).layout.padding).toEqual({
      low: -2000,
      high: -1990,
    });
  });

  it('takes MONOCHROME1 for a matter of display', () => {
    const inverse = makeDicom({ ...image, photometric: 'MONOCHROME1' }, 'explicit', pixels);
    expect([...openPixelData(inverse).frameAt(0)]).toEqual([...pixels.subarray(0, 12)]);
  });

  it.each<[string, ImageFields, string]>([
    ['colour', { ...image, samples: 3, photometric: 'RGB' }, 'not a grey image (RGB, 3 samples a pixel)'],
    ['a palette', { ...image, photometric: 'PALETTE COLOR' }, 'not a grey image'],
    ['packed bits', { ...image, bitsAllocated: 1 }, '1 bits allocated'],
    ['more bits stored than allocated', { ...image, bitsStored: 17 }, 'contradictory bits'],
    ['a high bit below the stored ones', { ...image, bitsStored: 12, highBit: 7 }, 'contradictory bits'],
    ['no rows', { ...image, rows: 0 }, '3 × 0 pixels'],
    ['a negative number of frames', { ...image, frames: -1 }, 'Number of Frames is -1'],
    [
      'more pixels than bytes',
      { ...image, rows: 65535, columns: 65535 },
      'cut short: 24 bytes of 17179344900',
    ],
    ['more frames than bytes', { ...image, frames: 2147483647 }, 'cut short'],
  ])('refuses %s', (_, fields, message) => {
    expect(() => openPixelData(makeDicom(fields, 'explicit', pixels))).toThrow(message);
    expect(() => openPixelData(makeDicom(fields, 'explicit', pixels))).toThrow(PixelDataError);
  });

  it('refuses pixel data whose length goes past the file', () => {
    const file = makeDicom(image, 'explicit', pixels);
    expect(() => openPixelData(file.subarray(0, file.length - 3))).toThrow('cut short: 21 bytes of 24');
  });

  it('refuses what is not DICOM, and transfer syntaxes that are not decoded, by name', () => {
    expect(() => openPixelData(new Uint8Array(300).fill(65))).toThrow('not a DICOM file');
    const video = makeDicom(image, { compressed: '1.2.840.10008.1.2.4.102' }, encapsulate([pixels]));
    expect(() => openPixelData(video)).toThrow('1.2.840.10008.1.2.4.102 is not supported');
  });

  it('refuses deflated data that are cut or damaged', () => {
    const file = makeDicom({ ...image, rows: 200, columns: 200, frames: 1 }, 'deflated', randomBytes(80000));
    expect(() => openPixelData(file.subarray(0, file.length - 100))).toThrow(/cut short|damaged/);
    expect(() => openPixelData(file.subarray(0, 160))).toThrow(PixelDataError);
  });

  it('never throws anything but PixelDataError, wherever the file is cut', () => {
    for (const syntax of ['implicit', 'explicit', 'big-endian', 'deflated'] as const) {
      const file = makeDicom(image, syntax, pixels);
      for (let length = 0; length < file.length; length++) {
        expect(() => openPixelData(file.subarray(0, length)), `${syntax} cut at ${length}`).toThrow(
          PixelDataError,
        );
      }
    }
  });
});

describe('encapsulated frames', () => {
  const a = Uint8Array.of(0xff, 0xd8, 0xff, 1);
  const b = Uint8Array.of(2, 3);
  const c = Uint8Array.of(0xff, 0xd8, 0xff, 4, 5, 6);
  const open = (fields: ImageFields, data: Uint8Array, uid = jpeg) =>
    openPixelData(makeDicom(fields, { compressed: uid }, data));

  it('are one fragment each', () => {
    const data = open(image, encapsulate([a, c]));
    expect([[...data.frameAt(0)], [...data.frameAt(1)]]).toEqual([[...a], [...c]]);
  });

  it('are all fragments where there is one frame', () => {
    expect([...open({ ...image, frames: 1 }, encapsulate([a, b, c])).frameAt(0)]).toEqual([...a, ...b, ...c]);
  });

  it.each([
    ['the basic offset table', encapsulate([a, b, c], [0, 22])],
    ['the extended offset table', concat([extendedOffsetTable([0, 22], [14, 6]), encapsulate([a, b, c])])],
    ['the first bytes of the codestreams', encapsulate([a, b, c])],
  ])('are told apart by %s', (_, data) => {
    const opened = open(image, data);
    expect([[...opened.frameAt(0)], [...opened.frameAt(1)]]).toEqual([[...a, ...b], [...c]]);
  });

  it.each([
    ['an offset between fragments', encapsulate([a, b, c], [0, 21])],
    ['offsets that do not ascend', encapsulate([a, b, c], [22, 0])],
    ['fewer codestreams than frames', encapsulate([a, b, b])],
  ])('are refused for %s', (_, data) => {
    expect(() => open(image, data)).toThrow('3 fragments cannot be told apart into 2 frames');
  });

  it('are refused where a fragment goes past the file, and where fragments are missing', () => {
    const data = encapsulate([a, c]);
    const lying = data.slice();
    new DataView(lying.buffer).setUint32(12 + 8 + 4, 0xfffffff0, true);
    expect(() => open(image, lying)).toThrow('cut short: a fragment ends');
    expect(() => open({ ...image, frames: 3 }, data)).toThrow('2 fragments for 3 frames');
    expect(() => open(image, data.subarray(0, 12))).toThrow(PixelDataError);
    const noItem = data.slice();
    noItem[12 + 8] = 0;
    expect(() => open(image, noItem)).toThrow('no fragment at byte');
  });

  it('are refused in a native syntax, and native pixels in a compressed one', () => {
    const native = { compressed: '1.2.840.10008.1.2.1' };
    expect(() => openPixelData(makeDicom(image, native, encapsulate([a, c])))).toThrow('in fragments');
    const length = Uint8Array.of(0xe0, 0x7f, 0x10, 0, 0x4f, 0x57, 0, 0, 24, 0, 0, 0);
    expect(() => open(image, concat([length, pixels]), rle)).toThrow('without fragments');
  });
});

/** Bytes that do not compress: a small linear congruential generator. */
function randomBytes(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16);
}
