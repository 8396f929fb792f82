import { PixelDataError } from './pixel-data-error.ts';

/**
 * Decodes one RLE frame (PS3.5 Annex G) of `pixels` grey pixels of `bytesPerPixel` bytes: a header with the number and
 * the offsets of the segments, then one PackBits segment a byte plane, most significant first. Returns the pixels as
 * little endian bytes. Throws PixelDataError for offsets outside the frame and segments that come out short.
 */
export function decodeRle(frame: Uint8Array, pixels: number, bytesPerPixel: number): Uint8Array {
  if (frame.length < headerBytes) throw new PixelDataError('the RLE frame is cut short');
  const header = new DataView(frame.buffer, frame.byteOffset, headerBytes);
  const segments = header.getUint32(0, true);
  if (segments !== bytesPerPixel) {
    throw new PixelDataError(`the RLE frame has ${segments} segments and needs ${bytesPerPixel}`);
  }
  // Checked before the pixels are allocated.
  if (pixels * bytesPerPixel > maxRatio * (frame.length - headerBytes)) {
    throw new PixelDataError(`the RLE frame is cut short: it cannot hold ${pixels} pixels`);
  }
  const offsets = Array.from({ length: segments }, (_, segment) => header.getUint32(4 + 4 * segment, true));
  const decoded = new Uint8Array(pixels * bytesPerPixel);
  for (const [segment, start] of offsets.entries()) {
    const end = offsets[segment + 1] ?? frame.length;
    if (start < headerBytes || start > end || end > frame.length) {
      throw new PixelDataError(`RLE segment ${segment + 1} lies outside its frame`);
    }
    unpackBits(frame, start, end, decoded, bytesPerPixel - 1 - segment, bytesPerPixel);
  }
  return decoded;
}

const headerBytes = 64;

/** Two bytes become 128 at the most. */
const maxRatio = 64;

/** PackBits (PS3.5 G.3.1) from [at, end) into every `stride`-th byte of `target`. */
function unpackBits(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  first: number,
  stride: number,
): void {
  let to = first;
  const stop = target.length;
  while (to < stop) {
    if (at + 1 >= end) throw new PixelDataError('an RLE segment is cut short');
    const control = source[at++]!;
    if (control < 128) {
      // Literal run; one that runs past the image is padding.
      const run = Math.min(at + control + 1, end);
      while (at < run && to < stop) {
        target[to] = source[at++]!;
        to += stride;
      }
    } else if (control > 128) {
      const value = source[at++]!;
      for (let left = 257 - control; left > 0 && to < stop; left--) {
        target[to] = value;
        to += stride;
      }
    }
  }
}
