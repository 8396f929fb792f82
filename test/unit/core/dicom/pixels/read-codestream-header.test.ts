import { describe, expect, it } from 'vitest';
import { PixelDataError } from '../../../../../main/core/dicom/pixels/pixel-data-error.ts';
import { readCodestreamHeader } from '../../../../../main/core/dicom/pixels/read-codestream-header.ts';

const end = [0xff, 0xd9];

describe('readCodestreamHeader', () => {
  it.each([
    [0xc0, 'jpeg-dct'],
    [0xc1, 'jpeg-dct'],
    [0xc2, 'jpeg-dct'],
    [0xc3, 'jpeg-lossless'],
    [0xf7, 'jpeg-ls'],
  ])('reads the frame header behind marker %i', (marker, process) => {
    const tables = [0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 9];
    const bytes = Uint8Array.of(0xff, 0xd8, ...tables, ...startOfFrame(marker), ...end);
    expect(readCodestreamHeader(bytes)).toEqual({
      process,
      precision: 12,
      rows: 512,
      columns: 256,
      components: 1,
    });
  });

  it.each([0, 30])(
    'reads the size of a JPEG 2000 codestream behind %i bytes of a wrapping file',
    (wrapped) => {
      const bytes = Uint8Array.of(...Array<number>(wrapped).fill(1), ...size(60000, 50000), ...end, 0);
      expect(readCodestreamHeader(bytes)).toEqual({
        process: 'jpeg-2000',
        precision: 16,
        rows: 50000,
        columns: 60000,
        components: 1,
      });
    },
  );

  it.each([
    ['no end marker', [0xff, 0xd8, ...startOfFrame(0xc3)], 'no end marker'],
    ['nothing', [], 'no end marker'],
    ['no frame header', [0xff, 0xd8, ...end], 'no frame header'],
    ['arithmetic coding', [0xff, 0xd8, ...startOfFrame(0xc9), ...end], 'process c9 is not supported'],
    [
      'a segment past the end',
      [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, ...end],
      'header of the compressed frame is cut',
    ],
    ['bytes that are no marker', [0xff, 0xd8, 1, 2, 3, 4, ...end], 'damaged'],
    ['no codestream at all', [1, 2, 3, 4, 5, 6, 7, 8, ...end], 'no codestream'],
    ['a size that is cut', [0xff, 0x4f, 0xff, 0x51, 0, 41, ...end], 'cut short'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readCodestreamHeader(Uint8Array.from(bytes))).toThrow(message);
    expect(() => readCodestreamHeader(Uint8Array.from(bytes))).toThrow(PixelDataError);
  });
});

/** T.81 B.2.2: 12 bits, 512 rows, 256 columns, one component. */
function startOfFrame(marker: number): number[] {
  return [0xff, marker, 0, 11, 12, 2, 0, 1, 0, 1, 1, 0x11, 0];
}

/** T.800 A.5.1 with an image offset of 8, 16. */
function size(columns: number, rows: number): number[] {
  const long = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  const segment = [columns + 8, rows + 16, 8, 16, columns, rows, 0, 0].flatMap(long);
  return [0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0, ...segment, 0, 1, 0x8f, 1, 1];
}
