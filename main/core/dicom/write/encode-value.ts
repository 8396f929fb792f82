import type { Vr } from './data-dictionary.ts';
import { DicomWriteError } from './dicom-write-error.ts';

/** Longest value in characters, PS3.5 table 6.2-1. */
const maxCharacters: Partial<Record<Vr, number>> = {
  CS: 16,
  SH: 16,
  LO: 64,
  ST: 1024,
  LT: 10240,
  UI: 64,
  DA: 8,
  TM: 14,
  DT: 26,
  PN: 64,
};

const encoder = new TextEncoder();

/** The bytes of the values of one element, padded to an even length (PS3.5 section 6.2). */
export function encodeValue(
  vr: Vr,
  value: string | number | Uint8Array | readonly (string | number)[],
): Uint8Array {
  if (value instanceof Uint8Array) return padded(value, 0);
  const values = Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | number];
  switch (vr) {
    case 'US':
      return new Uint8Array(Uint16Array.from(values as number[]).buffer);
    case 'UL':
      return new Uint8Array(Uint32Array.from(values as number[]).buffer);
    case 'AT':
      return new Uint8Array(
        Uint16Array.from((values as number[]).flatMap((tag) => [tag >>> 16, tag & 0xffff])).buffer,
      );
    case 'DS':
    case 'IS':
      return padded(
        encoder.encode((values as number[]).map(vr === 'DS' ? decimalString : String).join('\\')),
        0x20,
      );
    case 'UI':
      return padded(encoder.encode(values.join('\\')), 0);
    default: {
      const texts = values.map((text) => cleanText(vr, String(text)));
      return padded(encoder.encode(texts.join('\\')), 0x20);
    }
  }
}

function padded(bytes: Uint8Array, pad: number): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1);
  even.set(bytes);
  even[bytes.length] = pad;
  return even;
}

/** The shortest rendering of a number within the 16 characters of a decimal string (DS). */
export function decimalString(value: number): string {
  if (!Number.isFinite(value)) throw new DicomWriteError(`${value} is not a decimal string`);
  const shortest = String(value);
  if (shortest.length <= 16) return shortest;
  for (let digits = 16; digits > 0; digits--) {
    const rounded = Number(value.toPrecision(digits));
    const candidates = [String(rounded), rounded.toExponential()];
    for (const text of candidates) if (text.length <= 16) return text;
  }
  throw new DicomWriteError(`${value} does not fit a decimal string`);
}

/**
 * Text from another file may hold what its VR must not: control characters, a backslash (which would become a
 * second value), or too many characters. Cut and cleaned here, so that what we write is always valid.
 */
function cleanText(vr: Vr, text: string): string {
  const limit = maxCharacters[vr] ?? Infinity;
  if (vr === 'ST' || vr === 'LT') return cut(text.replace(notInParagraphs, ' '), limit);
  const line = text.replace(notInLines, ' ');
  // The limit is that of one group: as letters, ideographs, and as they sound (PS3.5 section 6.2.1.1).
  if (vr !== 'PN') return cut(line, limit);
  const groups = line.split('=').slice(0, 3);
  return groups.map((group) => cut(group, limit)).join('=');
}

// Tab, line feed, form feed and carriage return make up paragraphs; a backslash would part two values of a line.
const notInParagraphs = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/g;
const notInLines = /[\u0000-\u001f\u007f\\]/g;

function cut(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : characters.slice(0, limit).join('');
}
