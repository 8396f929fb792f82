// The Cornerstone codecs ship without types: Emscripten modules around C++ classes, one frame a decoder.
interface WasmFrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}
interface WasmDecoder {
  /** A view of the codec's memory, to be filled; any later call may move that memory. */
  getEncodedBuffer(sizeBytes: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): WasmFrameInfo;
  delete(): void;
}
type WasmFactory<Module> = (options: { print: () => void; printErr: () => void }) => Promise<Module>;

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const factory: WasmFactory<{ readonly JPEGDecoder: new () => WasmDecoder }>;
  export default factory;
}
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const factory: WasmFactory<{
    readonly JpegLSDecoder: new () => WasmDecoder;
    getExceptionMessage(pointer: number): string;
  }>;
  export default factory;
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: WasmFactory<{ readonly J2KDecoder: new () => WasmDecoder }>;
  export default factory;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const factory: WasmFactory<{ readonly HTJ2KDecoder: new () => WasmDecoder }>;
  export default factory;
}
