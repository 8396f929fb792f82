import dicomParser from 'dicom-parser';
import type { Element } from 'dicom-parser';

/** The elements of a data set or of a sequence item, and how their values are written. */
export interface ElementSet {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly explicit: boolean;
  readonly elements: Readonly<Record<string, Element | undefined>>;
  /** Specific Character Set (0008,0005) as written; an item without its own has its data set's. */
  readonly characterSet: string;
}

/** How a number is written where the file does not say so itself (implicit VR, or VR UN). */
export type NumberVr = 'DS' | 'IS' | 'US' | 'UL' | 'FL' | 'FD';

// No attribute that scanning reads is longer; more is a damaged or hostile length.
const maxValueBytes = 1 << 16;

/** The bytes of a value; null if it is absent, empty, or longer than any value that scanning reads. */
export function valueBytes(set: ElementSet, tag: string): Uint8Array | null {
  const element = set.elements[tag];
  if (!element || element.items || element.length === 0 || element.length > maxValueBytes) return null;
  const end = element.dataOffset + element.length;
  return end <= set.bytes.length ? set.bytes.subarray(element.dataOffset, end) : null;
}

/** The values of a CS, UI, DA, TM, DS, IS, … attribute: ASCII, separated by backslashes, padding removed. */
export function strings(set: ElementSet, tag: string): string[] {
  const bytes = valueBytes(set, tag);
  return bytes ? ascii(bytes).split('\\').map(trimPadding) : [];
}

/** The first value, or an empty string. */
export function string(set: ElementSet, tag: string): string {
  return strings(set, tag)[0] ?? '';
}

/** The numbers of an attribute; NaN for each that is not one. The file's own VR, where it has one, goes before `vr`. */
export function numbers(set: ElementSet, tag: string, vr: NumberVr): number[] {
  const bytes = valueBytes(set, tag);
  if (!bytes) return [];
  const written = set.elements[tag]?.vr;
  const reader = binaryReaders[written && written !== 'UN' ? written : vr];
  if (!reader) return strings(set, tag).map(parseDecimal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: number[] = [];
  for (let at = 0; at + reader.bytes <= bytes.length; at += reader.bytes) {
    values.push(reader.read(view, at, set.littleEndian));
  }
  return values;
}

/** The first number, or null if there is none or it is not finite. */
export function number(set: ElementSet, tag: string, vr: NumberVr): number | null {
  const value = numbers(set, tag, vr)[0];
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/**
 * The items of a sequence; none if it is absent or damaged. A sequence of known length is parsed only here, one that
 * travels as UN in implicit VR little endian (PS3.5 6.2.2 note 2).
 */
export function items(set: ElementSet, tag: string): ElementSet[] {
  const element = set.elements[tag];
  if (!element || element.length === 0) return [];
  const unknown = element.vr === 'UN';
  const littleEndian = set.littleEndian || unknown;
  const explicit = set.explicit && !unknown;
  try {
    const parsed = element.items ?? parseItems(set.bytes, element, littleEndian, explicit);
    return parsed.flatMap((item) => {
      if (!item.dataSet) return [];
      const { elements } = item.dataSet;
      const own = { bytes: set.bytes, littleEndian, explicit, elements, characterSet: set.characterSet };
      return elements[specificCharacterSet]
        ? [{ ...own, characterSet: strings(own, specificCharacterSet).join('\\') }]
        : [own];
    });
  } catch {
    // dicom-parser throws strings and errors alike, and a RangeError for nesting without end: no item is usable.
    return [];
  }
}

const specificCharacterSet = 'x00080005';

function parseItems(
  bytes: Uint8Array,
  element: Element,
  littleEndian: boolean,
  explicit: boolean,
): Element[] {
  // Cut at the sequence's end: an item that claims more cannot reach beyond it.
  const own = bytes.subarray(0, element.dataOffset + element.length);
  const parser = littleEndian
    ? dicomParser.littleEndianByteArrayParser
    : dicomParser.bigEndianByteArrayParser;
  const stream = new dicomParser.ByteStream(parser, own, element.dataOffset);
  const copy: Element = { ...element };
  if (explicit) dicomParser.readSequenceItemsExplicit(stream, copy, []);
  else dicomParser.readSequenceItemsImplicit(stream, copy);
  return copy.items ?? [];
}

interface BinaryReader {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
}

const binaryReaders: Readonly<Record<string, BinaryReader | undefined>> = {
  US: { bytes: 2, read: (view, at, le) => view.getUint16(at, le) },
  SS: { bytes: 2, read: (view, at, le) => view.getInt16(at, le) },
  UL: { bytes: 4, read: (view, at, le) => view.getUint32(at, le) },
  SL: { bytes: 4, read: (view, at, le) => view.getInt32(at, le) },
  FL: { bytes: 4, read: (view, at, le) => view.getFloat32(at, le) },
  FD: { bytes: 8, read: (view, at, le) => view.getFloat64(at, le) },
};

/** One character a byte. */
export function ascii(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function trimPadding(text: string): string {
  // A null pads a UI and, against the standard, other values too.
  const end = text.indexOf('\0');
  const value = (end < 0 ? text : text.slice(0, end)).trim();
  return value.replace(/[\u0001-\u001f\u007f-\u009f]+/g, ' ');
}

function parseDecimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
}
