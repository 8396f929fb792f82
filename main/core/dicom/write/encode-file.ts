import { ByteSink } from './byte-sink.ts';
import { dataDictionary } from './data-dictionary.ts';
import type { DataSet } from './data-set.ts';
import { DicomWriteError } from './dicom-write-error.ts';
import { appendElementHeader, encodeDataSet } from './encode-data-set.ts';

export const explicitLittleEndian = '1.2.840.10008.1.2.1';
export const implicitLittleEndian = '1.2.840.10008.1.2';

/** Names this software as the writer of a file (PS3.7 annex D.3.3.2). */
const implementationClassUid = '2.25.264217747451368651844935660630229756595';
const implementationVersionName = 'THINSLICE';

/** A file that is written piece after piece, so that no frame has to wait in memory for the last one. */
export interface DicomFile {
  readonly sizeBytes: number;
  /** Each piece is valid until the one after the next is asked for: it may be written while the next is made. */
  readonly pieces: Iterable<Uint8Array>;
}

/** Preamble, prefix and File Meta Information (PS3.10 section 7.1) for a data set in `transferSyntaxUid`. */
export function encodeFileMeta(dataSet: DataSet, transferSyntaxUid: string): Uint8Array {
  const meta = encodeDataSet({
    FileMetaInformationVersion: Uint8Array.of(0, 1),
    MediaStorageSOPClassUID: dataSet.SOPClassUID,
    MediaStorageSOPInstanceUID: dataSet.SOPInstanceUID,
    TransferSyntaxUID: transferSyntaxUid,
    ImplementationClassUID: implementationClassUid,
    ImplementationVersionName: implementationVersionName,
  });
  const sink = new ByteSink();
  sink.bytes(new Uint8Array(128));
  sink.bytes(new TextEncoder().encode('DICM'));
  // (0002,0000) File Meta Information Group Length
  sink.uint16(0x0002);
  sink.uint16(0x0000);
  sink.bytes(new TextEncoder().encode('UL'));
  sink.uint16(4);
  sink.uint32(meta.length);
  sink.bytes(meta);
  return sink.take();
}

/**
 * An Explicit VR Little Endian file whose pixel data (8 bits or fewer, hence OB) come from `pixels`, which
 * have to add up to `pixelBytes` and stay valid as `DicomFile.pieces` do. Throws DicomWriteError beyond the 4 GiB that a
 * length field can say.
 */
export function streamFile(dataSet: DataSet, pixelBytes: number, pixels: Iterable<Uint8Array>): DicomFile {
  const evenBytes = pixelBytes + (pixelBytes % 2);
  if (evenBytes >= 0xffffffff) {
    throw new DicomWriteError(`${pixelBytes} bytes of pixels are more than one DICOM object holds (4 GiB)`);
  }
  const meta = encodeFileMeta(dataSet, explicitLittleEndian);
  const elements = encodeDataSet(dataSet);
  const header = new ByteSink();
  appendElementHeader(header, dataDictionary.PixelData[0], 'OB', evenBytes);
  const pixelHeader = header.take();
  function* pieces(): Generator<Uint8Array> {
    yield meta;
    yield elements;
    yield pixelHeader;
    yield* pixels;
    if (evenBytes > pixelBytes) yield Uint8Array.of(0);
  }
  return { sizeBytes: meta.length + elements.length + pixelHeader.length + evenBytes, pieces: pieces() };
}
