import { decodeRle } from '../../core/dicom/pixels/decode-rle.ts';
import { inflateBounded } from '../../core/dicom/pixels/inflate-bounded.ts';
import type { PixelData } from '../../core/dicom/pixels/open-pixel-data.ts';
import { PixelDataError } from '../../core/dicom/pixels/pixel-data-error.ts';
import { frameBytes } from '../../core/dicom/pixels/pixel-layout.ts';
import { readCodestreamHeader } from '../../core/dicom/pixels/read-codestream-header.ts';
import type { CodestreamHeader } from '../../core/dicom/pixels/read-codestream-header.ts';
import { samplesOfBytes } from '../../core/dicom/pixels/stored-samples.ts';
import type { StoredSamples } from '../../core/dicom/pixels/stored-samples.ts';
import { loadCodec } from './codecs.ts';
import type { CodecName } from './codecs.ts';

/**
 * Decodes one frame of a file, from 0, to its stored samples: rows · columns values, row by row. Throws PixelDataError.
 */
export async function decodeFrame(pixels: PixelData, frame: number): Promise<StoredSamples> {
  const { layout, encoding, inWords } = pixels;
  const bytes = pixels.frameAt(frame);
  switch (encoding) {
    case 'native-little-endian':
      return samplesOfBytes(bytes, layout, { bigEndian: false, inWords });
    case 'native-big-endian':
      return samplesOfBytes(bytes, layout, { bigEndian: true, inWords });
    case 'deflated-frame':
      // The inflated frame may be padded to an even length.
      return littleEndian(inflateBounded(bytes, frameBytes(layout) + 1), pixels);
    case 'rle':
      return littleEndian(decodeRle(bytes, layout.rows * layout.columns, layout.bitsAllocated / 8), pixels);
    case 'jpeg':
    case 'jpeg-ls':
    case 'jpeg-2000':
    case 'htj2k':
      return decodeCodestream(bytes, pixels);
  }
}

function littleEndian(bytes: Uint8Array, { layout }: PixelData): StoredSamples {
  const size = frameBytes(layout);
  if (bytes.length < size) {
    throw new PixelDataError(`a frame is cut short: ${bytes.length} bytes of ${size} are there`);
  }
  return samplesOfBytes(bytes.subarray(0, size), layout, { bigEndian: false, inWords: false });
}

async function decodeCodestream(bytes: Uint8Array, pixels: PixelData): Promise<StoredSamples> {
  const { layout } = pixels;
  const header = readCodestreamHeader(bytes);
  const name = codecFor(pixels.encoding, header);
  // Checked before any decoder allocates what the codestream claims.
  if (header.rows !== layout.rows || header.columns !== layout.columns || header.components !== 1) {
    throw new PixelDataError(
      `the compressed frame holds ${header.columns} × ${header.rows} pixels of ${header.components} components, ` +
        `the header says ${layout.columns} × ${layout.rows} of 1`,
    );
  }
  if (header.precision < 1 || header.precision > 16) {
    throw new PixelDataError(`compressed samples of ${header.precision} bits are not supported`);
  }
  const codec = await loadCodec(name);
  let decoded: Uint8Array;
  try {
    decoded = codec(bytes, header);
  } catch (error) {
    throw new PixelDataError(
      `the compressed frame is damaged (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  const bytesPerSample = header.precision <= 8 ? 1 : 2;
  if (decoded.length !== layout.rows * layout.columns * bytesPerSample) {
    throw new PixelDataError(`the compressed frame is damaged (${decoded.length} bytes came out of it)`);
  }
  // JPEG and JPEG-LS know no sign and JPEG 2000's own may contradict the header: the header decides, on as many bits
  // as both agree on. A sign extension above them is dropped by whoever reads the samples.
  const bitsStored = Math.min(header.precision, layout.bitsStored);
  const ArrayType = bytesPerSample === 1 ? Uint8Array : Uint16Array;
  return {
    values: new ArrayType(decoded.buffer as ArrayBuffer, decoded.byteOffset, layout.rows * layout.columns),
    bitsStored,
    highBit: bitsStored - 1,
  };
}

function codecFor(encoding: PixelData['encoding'], { process, precision }: CodestreamHeader): CodecName {
  switch (process) {
    case 'jpeg-dct':
      if (encoding === 'jpeg') return precision === 8 ? 'jpeg-8-bit' : 'jpeg-12-bit-or-lossless';
      break;
    case 'jpeg-lossless':
      if (encoding === 'jpeg') return 'jpeg-12-bit-or-lossless';
      break;
    case 'jpeg-ls':
      if (encoding === 'jpeg-ls') return 'jpeg-ls';
      break;
    case 'jpeg-2000':
      if (encoding === 'jpeg-2000' || encoding === 'htj2k')
        return encoding === 'htj2k' ? 'htj2k' : 'jpeg-2000';
      break;
  }
  throw new PixelDataError(`a ${process} codestream in a file that says ${encoding}`);
}
