import dicomParser from 'dicom-parser';
import type { ByteArrayParser, ByteStream, DataSet, Element } from 'dicom-parser';
import { inflateBounded } from './inflate-bounded.ts';
import { PixelDataError } from './pixel-data-error.ts';

/** A deflated data set is inflated up to this size; what is larger is never deflated as a whole. */
const maxInflatedBytes = 512 * 2 ** 20;

const implicitLittleEndian = '1.2.840.10008.1.2';
const explicitLittleEndian = '1.2.840.10008.1.2.1';
const deflatedExplicit = '1.2.840.10008.1.2.1.99';
const explicitBigEndian = '1.2.840.10008.1.2.2';

/** dicom-parser exports this class and does not declare it. */
type DataSetClass = new (
  parser: ByteArrayParser,
  bytes: Uint8Array,
  elements: Record<string, Element>,
) => DataSet;
const { DataSet: DataSetOf } = dicomParser as unknown as { DataSet: DataSetClass };

/**
 * Parses a DICOM file up to its pixel data, and the headers of the elements of group 7FE0. PS3.10 files, and bare data
 * sets that begin with group 0002 or 0008. `dataSet.byteArray` is `bytes`, or the inflated file. Throws PixelDataError.
 */
export function parseUpToPixels(bytes: Uint8Array): { dataSet: DataSet; transferSyntaxUid: string } {
  try {
    const { transferSyntaxUid, position } = readMeta(bytes);
    const deflated = transferSyntaxUid === deflatedExplicit;
    const data = deflated ? inflateBounded(bytes.subarray(position), maxInflatedBytes) : bytes;
    const parser =
      transferSyntaxUid === explicitBigEndian
        ? dicomParser.bigEndianByteArrayParser
        : dicomParser.littleEndianByteArrayParser;
    const stream = new dicomParser.ByteStream(parser, data, deflated ? 0 : position);
    const elements = readElements(stream, transferSyntaxUid === implicitLittleEndian);
    return { dataSet: new DataSetOf(parser, data, elements), transferSyntaxUid };
  } catch (error) {
    if (error instanceof PixelDataError) throw error;
    // dicom-parser throws strings as well as errors; a stack overflow is a data set nested without end.
    throw new PixelDataError(
      `the header is damaged (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

function readMeta(bytes: Uint8Array): { transferSyntaxUid: string; position: number } {
  const hasPreamble = bytes.length > 132 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM';
  if (!hasPreamble && !(bytes.length > 8 && bytes[0]! <= 8 && bytes[1] === 0)) {
    throw new PixelDataError('not a DICOM file');
  }
  const elements: Record<string, Element> = {};
  const parser = dicomParser.littleEndianByteArrayParser;
  const stream = new dicomParser.ByteStream(parser, bytes, hasPreamble ? 132 : 0);
  while (stream.position + 8 <= bytes.length && parser.readUint16(bytes, stream.position) === 2) {
    const element = dicomParser.readDicomElementExplicit(stream, stream.warnings);
    elements[element.tag] = element;
  }
  const stated = new DataSetOf(parser, bytes, elements).string('x00020010');
  return { transferSyntaxUid: stated || guessSyntax(bytes, stream.position), position: stream.position };
}

/** Without meta information the data set is little endian; explicit if a value representation follows the tag. */
function guessSyntax(bytes: Uint8Array, position: number): string {
  const isLetter = (byte: number | undefined) => byte !== undefined && byte >= 0x41 && byte <= 0x5a;
  const explicit = isLetter(bytes[position + 4]) && isLetter(bytes[position + 5]);
  return explicit ? explicitLittleEndian : implicitLittleEndian;
}

/** Representations with a 4-byte length that dicom-parser takes for 2-byte ones (PS3.5 section 7.1.2). */
const longRepresentations = new Set(['OV', 'SV', 'UV']);

function readElements(stream: ByteStream, implicit: boolean): Record<string, Element> {
  const elements: Record<string, Element> = {};
  const { byteArray, byteArrayParser: parser } = stream;
  while (stream.position + 8 <= byteArray.length) {
    const { position } = stream;
    const group = parser.readUint16(byteArray, position);
    // Behind the pixel data (padding, a signature) is nothing of use here.
    if (group > 0x7fe0) break;
    if (group === 0x7fe0 && parser.readUint16(byteArray, position + 2) === 0x0010) {
      elements['x7fe00010'] = readLongHeader(stream, implicit);
      break;
    }
    let element: Element;
    if (implicit) element = dicomParser.readDicomElementImplicit(stream);
    else if (longRepresentations.has(dicomParser.readFixedString(byteArray, position + 4, 2))) {
      element = readLongHeader(stream, implicit);
      stream.seek(element.length);
    } else element = dicomParser.readDicomElementExplicit(stream, stream.warnings);
    elements[element.tag] = element;
  }
  return elements;
}

/** Tag, representation and length of an element whose length has 4 bytes, leaving the stream at its value. */
function readLongHeader(stream: ByteStream, implicit: boolean): Element {
  const tag = dicomParser.readTag(stream);
  let vr: string | undefined;
  if (!implicit) {
    vr = stream.readFixedString(2);
    stream.seek(2);
  }
  const length = stream.readUint32();
  const undefinedLength = length === 0xffffffff;
  return { tag, vr: vr ?? '', length, dataOffset: stream.position, hadUndefinedLength: undefinedLength };
}
