import type { PixelLayout } from './pixel-layout.ts';

/**
 * The samples of one frame, row by row. A value sits in the `bitsStored` bits up to `highBit`; what is above and below
 * is not part of it (overlay bits, sign extension). Whether it is signed is for the header to say.
 */
export interface StoredSamples {
  readonly values: Uint8Array | Uint16Array | Uint32Array;
  readonly bitsStored: number;
  readonly highBit: number;
}

/**
 * Takes the bytes of an unencapsulated frame for samples; a view where byte order and alignment allow. Big endian data
 * are swapped (PS3.5 section 7.3): 16- and 32-bit samples by their size, 8-bit ones in words (OW) in pairs.
 */
export function samplesOfBytes(
  bytes: Uint8Array,
  layout: PixelLayout,
  order: { readonly bigEndian: boolean; readonly inWords: boolean },
): StoredSamples {
  const { bitsAllocated, bitsStored, highBit } = layout;
  const size = bitsAllocated / 8;
  const swapped = order.bigEndian ? swapBytes(bytes, size === 1 && order.inWords ? 2 : size) : bytes;
  // A typed array has to begin at a multiple of its element's size.
  const aligned = swapped.byteOffset % size === 0 ? swapped : swapped.slice();
  const ArrayType = size === 1 ? Uint8Array : size === 2 ? Uint16Array : Uint32Array;
  const values = new ArrayType(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    Math.floor(aligned.byteLength / size),
  );
  return { values, bitsStored, highBit };
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = bytes.slice();
  if (width === 1) return swapped;
  // An odd last byte of paired 8-bit pixels has its partner outside the frame and stays in place.
  for (let start = 0; start + width <= swapped.length; start += width) {
    swapped.subarray(start, start + width).reverse();
  }
  return swapped;
}
