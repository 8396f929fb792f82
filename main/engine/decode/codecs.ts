import type { CodestreamHeader } from '../../core/dicom/pixels/read-codestream-header.ts';

/** Decodes one frame to its samples, row by row, 8 bits in one byte and more in two, little endian. */
export type Codec = (frame: Uint8Array, header: CodestreamHeader) => Uint8Array;

/**
 * The codecs, each loaded (with its WebAssembly) when a frame first needs it and kept for the thread's life. A codec
 * that failed is dropped: an exception leaves its memory in an unknown state.
 */
const loaders = {
  'jpeg-8-bit': loadLibjpegTurbo,
  'jpeg-12-bit-or-lossless': loadIjg,
  'jpeg-ls': loadCharls,
  'jpeg-2000': loadOpenJpeg,
  htj2k: loadOpenJph,
} as const;
export type CodecName = keyof typeof loaders;

const loaded = new Map<CodecName, Codec>();

/** The codec of that name. A failure to load it is not the frame's fault. */
export async function loadCodec(name: CodecName): Promise<Codec> {
  const codec = loaded.get(name) ?? (await loaders[name]());
  loaded.set(name, codec);
  return (frame, header) => {
    try {
      return codec(frame, header);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
  };
}

/** Codecs print what they think of a frame; standard output belongs to the caller. The object becomes the module. */
const quiet = () => ({ print: () => {}, printErr: () => {} });

async function loadLibjpegTurbo(): Promise<Codec> {
  const { default: factory } = await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs');
  const { JPEGDecoder } = await factory(quiet());
  return (frame) => decodeOnce(new JPEGDecoder(), frame);
}

async function loadCharls(): Promise<Codec> {
  const { default: factory } = await import('@cornerstonejs/codec-charls/decodewasmjs');
  const module = await factory(quiet());
  return (frame) => {
    try {
      return decodeOnce(new module.JpegLSDecoder(), frame);
    } catch (error) {
      throw typeof error === 'number' ? new Error(module.getExceptionMessage(error)) : error;
    }
  };
}

async function loadOpenJpeg(): Promise<Codec> {
  const { default: factory } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
  const { J2KDecoder } = await factory(quiet());
  return (frame) => decodeOnce(new J2KDecoder(), frame);
}

async function loadOpenJph(): Promise<Codec> {
  const { default: factory } = await import('@cornerstonejs/codec-openjph/wasmjs');
  const { HTJ2KDecoder } = await factory(quiet());
  return (frame) => decodeOnce(new HTJ2KDecoder(), frame);
}

function decodeOnce(decoder: WasmDecoder, frame: Uint8Array): Uint8Array {
  try {
    decoder.getEncodedBuffer(frame.length).set(frame);
    decoder.decode();
    // A copy: the codec's memory goes with the decoder.
    return decoder.getDecodedBuffer().slice();
  } catch (error) {
    // A C++ exception arrives as a pointer.
    throw typeof error === 'number' ? new Error('damaged frame') : error;
  } finally {
    decoder.delete();
  }
}

/**
 * The Independent JPEG Group's codec in its 8-, 12- and 16-bit builds, the one DCMTK uses: the only one at hand for
 * 12-bit JPEG, and for lossless JPEG three times as fast as the one in JavaScript.
 */
async function loadIjg(): Promise<Codec> {
  const { default: dcmjsCodecs } = await import('dcmjs-codecs');
  const { Context, NativeCodecs } = dcmjsCodecs;
  NativeCodecs.release();
  await NativeCodecs.initializeAsync();
  return (frame, { rows, columns, precision }) => {
    const context = new Context({
      width: columns,
      height: rows,
      bitsAllocated: precision <= 8 ? 8 : 16,
      bitsStored: precision,
      samplesPerPixel: 1,
      pixelRepresentation: 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      encodedBuffer: frame,
    });
    return NativeCodecs.decodeJpeg(context, {}).getDecodedBuffer() ?? new Uint8Array(0);
  };
}
