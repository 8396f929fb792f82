import dicomParser from 'dicom-parser';
import type { Element } from 'dicom-parser';
import type { FileFlaw } from '../file-flaw.ts';

export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

/** Where and why reading elements stopped. Offsets are from the first byte. */
export type Stop =
  | {
      readonly kind: 'pixel-data';
      readonly tag: string;
      readonly valueAt: number;
      readonly lengthBytes: number | null;
    }
  /** At the file's end, or before an element of a group that is not read. */
  | { readonly kind: 'end'; readonly at: number }
  /** The bytes end before the elements do; at least this many are needed. */
  | { readonly kind: 'needs'; readonly bytes: number }
  | { readonly kind: 'cut-short'; readonly flaw: FileFlaw };

export interface ElementHead {
  readonly group: number;
  readonly tag: string;
  readonly vr: string | undefined;
  readonly length: number;
  readonly valueAt: number;
}

export const undefinedLength = 0xffffffff;

// Pixels lie in group 7FE0; everything before is header, everything after (signatures, padding) is not read.
const pixelGroup = 0x7fe0;
const pixelTags: readonly string[] = ['x7fe00008', 'x7fe00009', 'x7fe00010'];

// Explicit VRs whose length takes four bytes after two reserved ones (PS3.5 table 7.1-1).
const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/**
 * Reads the top-level elements from `at` on into `elements`, up to the pixel data or the first element of group
 * `untilGroup` or later. `totalBytes` is how long the whole stream is, of which `bytes` are the first. Values are not
 * looked at: dicom-parser walks what has no length of its own (PS3.5 7.5), the rest is stepped over.
 */
export function readElements(
  bytes: Uint8Array,
  at: number,
  totalBytes: number,
  encoding: Encoding,
  elements: Record<string, Element>,
  untilGroup = pixelGroup + 1,
): Stop {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  while (at < totalBytes) {
    const head = headAt(view, at, encoding);
    if (!head) return bytes.length < totalBytes ? { kind: 'needs', bytes: at + 12 } : tooShort(at);
    if (pixelTags.includes(head.tag)) {
      const lengthBytes = head.length === undefinedLength ? null : head.length;
      return { kind: 'pixel-data', tag: head.tag, valueAt: head.valueAt, lengthBytes };
    }
    if (head.group >= untilGroup) return { kind: 'end', at };
    if (head.length === undefinedLength) {
      const end = readUndefinedLength(bytes, at, encoding, elements);
      // Whatever goes wrong while bytes are missing may be due to their missing.
      if (bytes.length < totalBytes && (end === null || end >= bytes.length)) {
        return { kind: 'needs', bytes: bytes.length + 1 };
      }
      if (end === null) return { kind: 'cut-short', flaw: { code: 'header-damaged', atByte: at } };
      at = end;
      continue;
    }
    const end = head.valueAt + head.length;
    if (end > totalBytes) return tooShort(at);
    if (end > bytes.length) return { kind: 'needs', bytes: end };
    elements[head.tag] = elementOf(head);
    at = end;
  }
  return { kind: 'end', at };
}

/** Tag, VR and length of the element at `at`; null if the bytes end first. */
export function readHead(bytes: Uint8Array, at: number, encoding: Encoding): ElementHead | null {
  return headAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at, encoding);
}

function headAt(view: DataView, at: number, { explicit, littleEndian }: Encoding): ElementHead | null {
  if (at + 8 > view.byteLength) return null;
  const group = view.getUint16(at, littleEndian);
  const tag = spellTag(group, view.getUint16(at + 2, littleEndian));
  const [v, r] = [view.getUint8(at + 4), view.getUint8(at + 5)];
  // Items have no VR, and some writers leave single elements of an explicit data set without one.
  if (!explicit || group === 0xfffe || !isCapital(v) || !isCapital(r)) {
    return { group, tag, vr: undefined, length: view.getUint32(at + 4, littleEndian), valueAt: at + 8 };
  }
  const vr = String.fromCharCode(v, r);
  if (!longVrs.has(vr)) {
    return { group, tag, vr, length: view.getUint16(at + 6, littleEndian), valueAt: at + 8 };
  }
  if (at + 12 > view.byteLength) return null;
  return { group, tag, vr, length: view.getUint32(at + 8, littleEndian), valueAt: at + 12 };
}

// The tags of one series are the same few hundred in each of its files, and spelling them is half of parsing.
const spelt = new Map<number, string>();
const maxSpelt = 8192;

function spellTag(group: number, element: number): string {
  const tag = group * 0x10000 + element;
  const known = spelt.get(tag);
  if (known !== undefined) return known;
  const spelling = 'x' + tag.toString(16).padStart(8, '0');
  // Hostile files may have any tag.
  if (spelt.size < maxSpelt) spelt.set(tag, spelling);
  return spelling;
}

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}

function elementOf({ tag, vr, length, valueAt }: ElementHead): Element {
  return { tag, length, dataOffset: valueAt, ...(vr === undefined ? {} : { vr }) };
}

/** The position after an element of undefined length; null if it is damaged or its end is missing. */
function readUndefinedLength(
  bytes: Uint8Array,
  at: number,
  { explicit, littleEndian }: Encoding,
  elements: Record<string, Element>,
): number | null {
  const parser = littleEndian
    ? dicomParser.littleEndianByteArrayParser
    : dicomParser.bigEndianByteArrayParser;
  try {
    const stream = new dicomParser.ByteStream(parser, bytes, at);
    const element = explicit
      ? dicomParser.readDicomElementExplicit(stream, stream.warnings)
      : dicomParser.readDicomElementImplicit(stream);
    elements[element.tag] = element;
    // What it warns of is that the bytes ended before the element did; inside its last delimiter it does not notice.
    return stream.warnings.length > 0 || stream.position > bytes.length ? null : stream.position;
  } catch {
    // dicom-parser throws strings and errors alike, and a RangeError where sequences nest without end.
    return null;
  }
}

function tooShort(at: number): Stop {
  return { kind: 'cut-short', flaw: { code: 'header-cut-short', atByte: at } };
}
