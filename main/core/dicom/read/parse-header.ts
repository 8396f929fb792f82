import type { Element } from 'dicom-parser';
import type { FileFlaw } from '../file-flaw.ts';
import { string, strings } from './element-set.ts';
import type { ElementSet } from './element-set.ts';
import { inflatePrefix } from './inflate-prefix.ts';
import { readElements } from './read-elements.ts';
import type { Encoding, Stop } from './read-elements.ts';
import { sniffDataSet } from './sniff-data-set.ts';
import { tag } from './tags.ts';

/** A header: every element before the pixel data. */
export interface DicomHeader {
  /** Empty where the file has no meta information. */
  readonly transferSyntaxUid: string;
  readonly dataSet: ElementSet;
  readonly pixelData: PixelDataPlace | null;
  /** Why the header stops before the pixel data or the file's end; null if it is whole. */
  readonly cutShort: FileFlaw | null;
}

export interface PixelDataPlace {
  readonly tag: string;
  /** Bytes claimed by the element; null if undefined (encapsulated). */
  readonly lengthBytes: number | null;
  /** Bytes of the file from the start of the value on; null where the file is deflated as a whole. */
  readonly availableBytes: number | null;
}

export type HeaderRead =
  | { readonly kind: 'not-dicom' }
  /** The header goes on past the given bytes: read at least the first `bytes` of the file and parse again. */
  | { readonly kind: 'needs'; readonly bytes: number }
  | { readonly kind: 'header'; readonly header: DicomHeader };

/**
 * More than this is never read of one file. An enhanced object writes about 2 kB a frame, so this is room for some
 * 30,000 frames; what a hostile length asks for beyond it is not worth the memory.
 */
export const maxHeaderBytes = 64 * 2 ** 20;

const deflatedSyntax = '1.2.840.10008.1.2.1.99';
const bigEndianSyntax = '1.2.840.10008.1.2.2';
const littleEndianExplicit: Encoding = { explicit: true, littleEndian: true };

/**
 * Parses the header of a DICOM file, up to the pixel data, from its first bytes: PS3.10 files, and bare data sets without
 * preamble or meta information as ACR-NEMA and some exports write them. Never throws: a damaged or truncated header
 * keeps what came before the damage and says so in `cutShort`.
 *
 * `bytes` are the first bytes of the file, `fileBytes` its whole length.
 */
export function parseHeader(bytes: Uint8Array, fileBytes = bytes.length): HeaderRead {
  const start = findStart(bytes);
  if (start === null) {
    return bytes.length < Math.min(fileBytes, 4096) ? { kind: 'needs', bytes: 4096 } : { kind: 'not-dicom' };
  }
  const elements: Record<string, Element> = {};
  let at = start.at;
  if (start.hasMeta) {
    const meta = readElements(bytes, at, fileBytes, littleEndianExplicit, elements, 3);
    const more = meta.kind === 'needs' ? growth(meta.bytes, bytes, fileBytes) : null;
    if (meta.kind !== 'end') return more ?? finish(elements, bytes, start, '', meta);
    at = meta.at;
  }
  const metaSet = asSet(bytes, littleEndianExplicit, elements);
  const transferSyntaxUid = string(metaSet, tag.transferSyntaxUid);
  if (transferSyntaxUid === deflatedSyntax) {
    return parseDeflated(bytes, at, fileBytes);
  }
  const encoding = encodingAt(bytes, at, transferSyntaxUid, start.encoding);
  const stop = readElements(bytes, at, fileBytes, encoding, elements);
  const more = stop.kind === 'needs' ? growth(stop.bytes, bytes, fileBytes) : null;
  return more ?? finish(elements, bytes, { ...start, encoding }, transferSyntaxUid, stop, fileBytes);
}

interface Start {
  readonly at: number;
  readonly hasMeta: boolean;
  readonly encoding: Encoding;
}

function findStart(bytes: Uint8Array): Start | null {
  if (
    bytes.length >= 132 &&
    bytes[128] === 68 &&
    bytes[129] === 73 &&
    bytes[130] === 67 &&
    bytes[131] === 77
  ) {
    return { at: 132, hasMeta: true, encoding: littleEndianExplicit };
  }
  const sniffed = sniffDataSet(bytes);
  return sniffed && { at: 0, hasMeta: sniffed.group === 2, encoding: sniffed.encoding };
}

/**
 * The transfer syntax decides on the byte order; whether the value representation is written shows in the bytes, which
 * some writers' transfer syntax contradicts.
 */
function encodingAt(bytes: Uint8Array, at: number, transferSyntaxUid: string, bare: Encoding): Encoding {
  const littleEndian = transferSyntaxUid === '' ? bare.littleEndian : transferSyntaxUid !== bigEndianSyntax;
  const isLetter = (byte: number | undefined) => byte !== undefined && byte >= 65 && byte <= 90;
  return { explicit: isLetter(bytes[at + 4]) && isLetter(bytes[at + 5]), littleEndian };
}

/** How much to read next: at least twice as much, so that a long header costs at most twice its own parsing. */
function growth(needed: number, bytes: Uint8Array, fileBytes: number): HeaderRead | null {
  if (bytes.length >= fileBytes || needed > maxHeaderBytes) return null;
  const wanted = Math.max(needed + 1024, bytes.length * 2);
  return { kind: 'needs', bytes: Math.min(wanted, fileBytes, maxHeaderBytes) };
}

function parseDeflated(bytes: Uint8Array, at: number, fileBytes: number): HeaderRead {
  // Doubled until the header is whole: most of the data set is pixels, which need not be inflated.
  for (let limit = 1 << 16; ; limit *= 2) {
    const inflated = inflatePrefix(
      bytes.subarray(at),
      bytes.length >= fileBytes,
      Math.min(limit, maxHeaderBytes),
    );
    const total = inflated.complete ? inflated.bytes.length : Infinity;
    const inner: Record<string, Element> = {};
    const stop = readElements(inflated.bytes, 0, total, littleEndianExplicit, inner);
    if (stop.kind === 'needs' && inflated.bytes.length >= limit && limit < maxHeaderBytes) continue;
    const more = stop.kind === 'needs' ? growth(bytes.length + 1, bytes, fileBytes) : null;
    const start = { at: 0, hasMeta: false, encoding: littleEndianExplicit };
    return more ?? finish(inner, inflated.bytes, start, deflatedSyntax, stop);
  }
}

function finish(
  elements: Record<string, Element>,
  bytes: Uint8Array,
  start: Start,
  transferSyntaxUid: string,
  stop: Stop,
  fileBytes: number | null = null,
): HeaderRead {
  const dataSet = asSet(bytes, start.encoding, elements);
  const pixelData =
    stop.kind === 'pixel-data'
      ? {
          tag: stop.tag,
          lengthBytes: stop.lengthBytes,
          availableBytes: fileBytes === null ? null : Math.max(0, fileBytes - stop.valueAt),
        }
      : null;
  return {
    kind: 'header',
    header: { transferSyntaxUid, dataSet, pixelData, cutShort: cutShortBy(stop) },
  };
}

function cutShortBy(stop: Stop): FileFlaw | null {
  if (stop.kind === 'cut-short') return stop.flaw;
  return stop.kind === 'needs' ? { code: 'header-cut-short', atByte: null } : null;
}

function asSet(bytes: Uint8Array, encoding: Encoding, elements: Record<string, Element>): ElementSet {
  const set = { bytes, ...encoding, elements, characterSet: '' };
  return { ...set, characterSet: strings(set, tag.specificCharacterSet).join('\\') };
}
