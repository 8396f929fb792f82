import { decodeRle } from '../pixels/decode-rle.ts';
import { inflateBounded } from '../pixels/inflate-bounded.ts';
import { locateEncapsulatedFrames } from '../pixels/locate-encapsulated-frames.ts';
import type { ParsedFile } from '../pixels/parse-up-to-pixels.ts';
import { frameEncodingOf } from '../pixels/transfer-syntax.ts';
import { number } from '../read/element-set.ts';
import { SegFormatError } from './seg-format-error.ts';

export interface SegFrames {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  /** A frame of 1-bit pixels: the lowest bit of a byte is its first pixel (PS3.5 section 8.1.1). */
  readonly bits: (frame: number) => { readonly bytes: Uint8Array; readonly firstBit: number };
  /** A frame of 8-bit pixels. */
  readonly bytes: (frame: number) => Uint8Array;
}

/** Finds the frames of a SEG and checks that the bytes that they claim are there. Throws SegFormatError, PixelDataError. */
export function openSegFrames(file: ParsedFile, bitsPerPixel: 1 | 8): SegFrames {
  const { dataSet } = file;
  const rows = number(dataSet, 'x00280010', 'US') ?? 0;
  const columns = number(dataSet, 'x00280011', 'US') ?? 0;
  const count = number(dataSet, 'x00280008', 'IS') ?? 0;
  const allocated = number(dataSet, 'x00280100', 'US');
  if (rows === 0 || columns === 0 || !(Number.isInteger(count) && count >= 1)) {
    throw new SegFormatError(`${count} frames of ${columns} x ${rows} pixels are no segmentation`);
  }
  if (allocated !== bitsPerPixel)
    throw new SegFormatError(`${allocated} bits a pixel where ${bitsPerPixel} are needed`);
  const pixels = rows * columns;
  const locate = locateFrames(file, count, pixels, bitsPerPixel);
  return {
    count,
    rows,
    columns,
    bits: locate,
    bytes: (frame) => {
      const { bytes, firstBit } = locate(frame);
      return bytes.subarray(firstBit >>> 3, (firstBit >>> 3) + pixels);
    },
  };
}

function locateFrames(
  { dataSet, transferSyntaxUid, pixels: place }: ParsedFile,
  count: number,
  pixels: number,
  bitsPerPixel: 1 | 8,
): SegFrames['bits'] {
  if (!place) throw new SegFormatError('no pixel data');
  const encoding = frameEncodingOf(transferSyntaxUid);
  if (encoding === 'native-little-endian') {
    const bytes = dataSet.bytes.subarray(place.valueAt, place.valueAt + (place.lengthBytes ?? 0));
    const needed = Math.ceil((count * pixels * bitsPerPixel) / 8);
    if (bytes.length < needed)
      throw new SegFormatError(`cut off: ${bytes.length} of ${needed} bytes of pixels`);
    return (frame) => frameAt(bytes, frame * pixels * bitsPerPixel);
  }
  if (encoding !== 'rle' && encoding !== 'deflated-frame') {
    throw new SegFormatError(`a segmentation in transfer syntax ${transferSyntaxUid} is not read`);
  }
  const encoded = locateEncapsulatedFrames(dataSet, place.valueAt, count, encoding);
  // An encoded frame starts on a byte of its own, whatever the number of pixels.
  const size = Math.ceil((pixels * bitsPerPixel) / 8);
  return (frame) => {
    // A deflated frame may be padded to an even number of bytes.
    const bytes =
      encoding === 'rle' ? decodeRle(encoded(frame), size, 1) : inflateBounded(encoded(frame), size + 1);
    if (bytes.length < size)
      throw new SegFormatError(`frame ${frame + 1} is cut off: ${bytes.length} of ${size} bytes`);
    return { bytes, firstBit: 0 };
  };
}

/** Beyond 2³² a bit index does not fit the integer operators: the byte part goes into a view. */
function frameAt(bytes: Uint8Array, bit: number): { bytes: Uint8Array; firstBit: number } {
  return { bytes: bytes.subarray(Math.floor(bit / 8)), firstBit: bit % 8 };
}
