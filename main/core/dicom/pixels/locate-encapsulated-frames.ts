import type { ElementSet } from '../read/element-set.ts';
import { PixelDataError } from './pixel-data-error.ts';
import type { FrameEncoding } from './transfer-syntax.ts';

/** One item of the encapsulated pixel data: its value, and where its tag lies behind the offset table. */
interface Fragment {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/**
 * Finds the frames of encapsulated pixel data (PS3.5 A.4): one fragment a frame, all fragments for a single frame, or
 * by the extended or the basic offset table, or, without a table, by the codestreams' first bytes. Offsets and lengths
 * are checked against the fragments that are there. Throws PixelDataError.
 */
export function locateEncapsulatedFrames(
  dataSet: ElementSet,
  valueAt: number,
  frames: number,
  encoding: FrameEncoding,
): (frame: number) => Uint8Array {
  const { basicOffsets, fragments } = readFragments(dataSet.bytes.subarray(valueAt));
  if (fragments.length < frames) {
    throw new PixelDataError(
      `the pixel data are cut short: ${fragments.length} fragments for ${frames} frames`,
    );
  }
  if (fragments.length === frames) return (frame) => fragments[frame]!.bytes;
  if (frames === 1) return () => join(fragments);
  const starts = firstFragments(fragments, frames, extendedOffsets(dataSet) ?? basicOffsets, encoding);
  return (frame) => join(fragments.slice(starts[frame], starts[frame + 1] ?? fragments.length));
}

function readFragments(bytes: Uint8Array): {
  basicOffsets: readonly number[];
  fragments: readonly Fragment[];
} {
  // Encapsulated data are little endian (PS3.5 A.4).
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const items: { start: number; end: number }[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const tag = view.getUint32(at, true);
    if (tag === sequenceDelimiter) break;
    const start = at + 8;
    const end = start + view.getUint32(at + 4, true);
    if (tag !== item) throw new PixelDataError(`the pixel data are damaged: no fragment at byte ${at}`);
    if (end > bytes.length) {
      throw new PixelDataError(
        `the pixel data are cut short: a fragment ends ${end - bytes.length} bytes behind the file`,
      );
    }
    items.push({ start, end });
    at = end;
  }
  const [table, ...rest] = items;
  if (!table) throw new PixelDataError('the pixel data hold no fragment');
  const basicOffsets: number[] = [];
  for (let entry = table.start; entry + 4 <= table.end; entry += 4)
    basicOffsets.push(view.getUint32(entry, true));
  const fragments = rest.map(({ start, end }) => ({
    bytes: bytes.subarray(start, end),
    offset: start - 8 - table.end,
  }));
  return { basicOffsets, fragments };
}

// (FFFE,E000) and (FFFE,E0DD), read as one little endian number.
const item = 0xe000fffe;
const sequenceDelimiter = 0xe0ddfffe;

/** The index of the first fragment of each frame, ascending. */
function firstFragments(
  fragments: readonly Fragment[],
  frames: number,
  offsets: readonly number[],
  encoding: FrameEncoding,
): readonly number[] {
  const starts =
    offsets.length === frames
      ? offsets.map((offset) => fragments.findIndex((fragment) => fragment.offset === offset))
      : fragments.flatMap(({ bytes }, index) => (startsCodestream(bytes, encoding) ? [index] : []));
  const ascending = starts.every((start, frame) => (frame === 0 ? start === 0 : start > starts[frame - 1]!));
  if (starts.length !== frames || !ascending) {
    throw new PixelDataError(`${fragments.length} fragments cannot be told apart into ${frames} frames`);
  }
  return starts;
}

/** Start of image (JPEG, JPEG-LS) or of codestream and size (JPEG 2000). */
function startsCodestream(bytes: Uint8Array, encoding: FrameEncoding): boolean {
  if (encoding === 'jpeg' || encoding === 'jpeg-ls')
    return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  return bytes[0] === 0xff && bytes[1] === 0x4f && bytes[2] === 0xff && bytes[3] === 0x51;
}

/** Extended Offset Table (7FE0,0001), 64-bit; null if there is none. */
function extendedOffsets(dataSet: ElementSet): readonly number[] | null {
  const element = dataSet.elements['x7fe00001'];
  if (!element || element.length === 0) return null;
  const { bytes } = dataSet;
  if (element.length % 8 !== 0 || element.dataOffset + element.length > bytes.length) {
    throw new PixelDataError('the extended offset table is damaged');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + element.dataOffset, element.length);
  return Array.from({ length: element.length / 8 }, (_, index) => Number(view.getBigUint64(index * 8, true)));
}

function join(fragments: readonly Fragment[]): Uint8Array {
  if (fragments.length === 1) return fragments[0]!.bytes;
  const whole = new Uint8Array(fragments.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of fragments) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}
