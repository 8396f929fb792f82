import { convertBytes } from 'dicom-character-set';
import type { ElementSet } from './element-set.ts';
import { ascii, valueBytes } from './element-set.ts';

/**
 * A text value in its data set's character sets (PS3.3 C.12.1.1.2; escape sequences of ISO 2022, PS3.5 6.1.2.5),
 * padding removed. A value that is not what its character sets say is still shown, as UTF-8 if it is that, else as
 * Latin-1: a clinician recognises a name with one wrong letter, and cannot use none.
 */
export function text(set: ElementSet, tag: string, vr: 'LO' | 'SH' | 'PN'): string {
  const bytes = valueBytes(set, tag);
  return bytes ? decodeText(bytes, set.characterSet, vr) : '';
}

export function decodeText(bytes: Uint8Array, characterSet: string, vr: 'LO' | 'SH' | 'PN'): string {
  const decoded = isPlainAscii(bytes, characterSet)
    ? ascii(bytes)
    : decodeLeniently(bytes, spellCharacterSet(characterSet), vr);
  // These representations hold no control characters (PS3.5 6.2), and a terminal or a table would obey them.
  return decoded
    .replaceAll('\0', '')
    .replace(/[\u0001-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
}

/** ASCII is the same in every character set but the Japanese IR 13, which has a yen sign for the backslash. */
function isPlainAscii(bytes: Uint8Array, characterSet: string): boolean {
  return bytes.every((byte) => byte < 0x80 && byte !== escape) && !/13\b/.test(characterSet);
}

const escape = 0x1b;

function decodeLeniently(bytes: Uint8Array, characterSet: string, vr: string): string {
  try {
    const decoded = convertBytes(characterSet, bytes, { vr });
    if (!decoded.includes('\ufffd')) return decoded;
  } catch {
    // An unknown character set or escape sequence: guess below.
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('iso-8859-1').decode(bytes);
  }
}

/** Undoes the misspellings that are common in archives: `ISO-IR 100`, `ISO_IR_100`, `ISO 2022-IR 87`, `UTF-8`. */
function spellCharacterSet(characterSet: string): string {
  return characterSet
    .split('\\')
    .map((name) => {
      const upper = name.trim().toUpperCase();
      const iso = /^ISO[-_ ]*(2022)?[-_ ]*IR[-_ ]*(\d+)$/.exec(upper);
      if (iso) return iso[1] ? `ISO 2022 IR ${iso[2]}` : `ISO_IR ${iso[2]}`;
      return upper === 'UTF-8' || upper === 'UTF8' ? 'ISO_IR 192' : upper;
    })
    .join('\\');
}
