import type { Element } from 'dicom-parser';
import { describeFlaw } from '../read/describe-flaw.ts';
import type { ElementSet } from '../read/element-set.ts';
import { parseHeader } from '../read/parse-header.ts';
import { readElements, readHead } from '../read/read-elements.ts';
import type { Encoding } from '../read/read-elements.ts';
import { inflateBounded } from './inflate-bounded.ts';
import { PixelDataError } from './pixel-data-error.ts';

/** The header of a file that is there as a whole, and where in its bytes the pixel data lie. */
export interface ParsedFile {
  /** `dataSet.bytes` is the file, inflated if it was deflated. */
  readonly dataSet: ElementSet;
  /** Empty where the file has no meta information. */
  readonly transferSyntaxUid: string;
  readonly pixels: PixelDataPlace | null;
}

export interface PixelDataPlace {
  readonly tag: string;
  /** Undefined in implicit VR. */
  readonly vr: string | undefined;
  readonly valueAt: number;
  /** Null if undefined: the pixel data are encapsulated. */
  readonly lengthBytes: number | null;
}

/** A deflated data set is inflated up to this size; what is larger is never deflated as a whole. */
const maxInflatedBytes = 512 * 2 ** 20;

const deflatedSyntax = '1.2.840.10008.1.2.1.99';
const explicitLittleEndian: Encoding = { explicit: true, littleEndian: true };

/** Parses a whole DICOM file up to its pixel data. Throws PixelDataError if it is none, or ends or breaks off before. */
export function parseUpToPixels(bytes: Uint8Array): ParsedFile {
  const read = parseHeader(bytes);
  if (read.kind !== 'header') throw new PixelDataError('not a DICOM file');
  const { dataSet, transferSyntaxUid, pixelData, cutShort } = read.header;
  if (transferSyntaxUid === deflatedSyntax) return parseInflated(bytes);
  if (cutShort !== null) throw new PixelDataError(describeFlaw(cutShort));
  if (!pixelData) return { dataSet, transferSyntaxUid, pixels: null };
  const valueAt = bytes.length - (pixelData.availableBytes ?? 0);
  return { dataSet, transferSyntaxUid, pixels: placeAt(bytes, valueAt, dataSet, pixelData) };
}

/** The header alone could be inflated in part; here the pixels are wanted, too. */
function parseInflated(file: Uint8Array): ParsedFile {
  const meta = readElements(file, 132, file.length, explicitLittleEndian, {}, 3);
  if (meta.kind !== 'end') throw new PixelDataError('the file ends inside its meta information');
  const bytes = inflateBounded(file.subarray(meta.at), maxInflatedBytes);
  const elements: Record<string, Element> = {};
  const stop = readElements(bytes, 0, bytes.length, explicitLittleEndian, elements);
  if (stop.kind === 'cut-short') throw new PixelDataError(describeFlaw(stop.flaw));
  const dataSet: ElementSet = { bytes, ...explicitLittleEndian, elements, characterSet: '' };
  const pixels = stop.kind === 'pixel-data' ? placeAt(bytes, stop.valueAt, dataSet, stop) : null;
  return { dataSet, transferSyntaxUid: deflatedSyntax, pixels };
}

function placeAt(
  bytes: Uint8Array,
  valueAt: number,
  encoding: Encoding,
  { tag, lengthBytes }: { readonly tag: string; readonly lengthBytes: number | null },
): PixelDataPlace {
  // Tag, representation, two reserved bytes and the length lie before the value.
  const vr = encoding.explicit ? readHead(bytes, valueAt - 12, encoding)?.vr : undefined;
  return { tag, vr, valueAt, lengthBytes };
}
