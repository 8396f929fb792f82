import { PixelDataError } from './pixel-data-error.ts';

/** What a compressed frame says about itself, before it is decoded. */
export interface CodestreamHeader {
  readonly process: 'jpeg-dct' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000';
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** Bits a sample. */
  readonly precision: number;
}

/**
 * Reads the frame header of JPEG (ITU-T T.81 B.2.2) and JPEG-LS (T.87 C.2.2), or the size segment of JPEG 2000 and
 * HTJ2K (T.800 A.5.1), and makes sure that the codestream has its end marker: decoders fill what is missing with
 * grey and do not say so. Throws PixelDataError.
 */
export function readCodestreamHeader(frame: Uint8Array): CodestreamHeader {
  if (!hasEndMarker(frame)) throw new PixelDataError('the compressed frame is cut short: no end marker');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  try {
    if (view.getUint16(0) === 0xffd8) return readStartOfFrame(view);
    return readSize(view, startOfCodestream(frame));
  } catch (error) {
    if (error instanceof PixelDataError) throw error;
    throw new PixelDataError('the header of the compressed frame is cut short');
  }
}

/** End of image and end of codestream are the same bytes; padding to an even length may follow. */
function hasEndMarker(frame: Uint8Array): boolean {
  let last = frame.length - 1;
  while (last > 0 && (frame[last] === 0x00 || frame[last] === 0xff)) last--;
  return last > 0 && frame[last] === 0xd9 && frame[last - 1] === 0xff;
}

function readStartOfFrame(view: DataView): CodestreamHeader {
  for (let at = 2; ;) {
    const marker = view.getUint16(at);
    // Any number of fill bytes may precede a marker (T.81 B.1.1.2).
    if (marker === 0xffff) {
      at += 1;
      continue;
    }
    if (marker < 0xff01) throw new PixelDataError('the header of the compressed frame is damaged');
    const process = processOf(marker);
    if (process) {
      return {
        process,
        precision: view.getUint8(at + 4),
        rows: view.getUint16(at + 5),
        columns: view.getUint16(at + 7),
        components: view.getUint8(at + 9),
      };
    }
    if (marker === 0xffda || marker === 0xffd9)
      throw new PixelDataError('the compressed frame has no frame header');
    at += 2 + view.getUint16(at + 2);
  }
}

function processOf(marker: number): CodestreamHeader['process'] | null {
  if (marker === 0xfff7) return 'jpeg-ls';
  if (marker === 0xffc3) return 'jpeg-lossless';
  if (marker === 0xffc0 || marker === 0xffc1 || marker === 0xffc2) return 'jpeg-dct';
  // Hierarchical and arithmetic coding (SOF5 … SOF15): no decoder reads them. C4, C8 and CC are no frame headers.
  if (marker > 0xffc4 && marker <= 0xffcf && marker !== 0xffc8 && marker !== 0xffcc) {
    throw new PixelDataError(`JPEG process ${(marker & 0xff).toString(16)} is not supported`);
  }
  return null;
}

/** Some writers wrap the codestream into a JP2 file, against PS3.5 A.4.4; the codestream is what counts. */
function startOfCodestream(frame: Uint8Array): number {
  const last = Math.min(frame.length - 4, 4096);
  for (let at = 0; at <= last; at++) {
    if (frame[at] === 0xff && frame[at + 1] === 0x4f && frame[at + 2] === 0xff && frame[at + 3] === 0x51)
      return at;
  }
  throw new PixelDataError('the frame is no codestream of its transfer syntax');
}

function readSize(view: DataView, start: number): CodestreamHeader {
  const at = start + 4;
  return {
    process: 'jpeg-2000',
    columns: view.getUint32(at + 4) - view.getUint32(at + 12),
    rows: view.getUint32(at + 8) - view.getUint32(at + 16),
    components: view.getUint16(at + 36),
    precision: (view.getUint8(at + 38) & 0x7f) + 1,
  };
}
