import { OnnxFormatError } from './onnx-format-error.ts';
import { dataType, type TensorProto } from './proto.ts';
import { readVarint } from './wire.ts';

/** Gives the bytes of a tensor that lies in another file (TensorProto.external_data). */
export type ReadExternal = (location: string, offset: number, length: number | null) => Uint8Array;

export const bytesPerElement: Readonly<Record<number, number>> = {
  [dataType.float]: 4,
  [dataType.uint8]: 1,
  [dataType.int8]: 1,
  [dataType.uint16]: 2,
  [dataType.int16]: 2,
  [dataType.int32]: 4,
  [dataType.int64]: 8,
  [dataType.bool]: 1,
  [dataType.float16]: 2,
  [dataType.double]: 8,
  [dataType.uint32]: 4,
  [dataType.uint64]: 8,
  [dataType.bfloat16]: 2,
};

export function isFloatTensor(tensor: TensorProto): boolean {
  const { float, float16, bfloat16, double } = dataType;
  return [float, float16, bfloat16, double].some((kind) => kind === tensor.dataType);
}

/** Product of the dims. Throws OnnxFormatError for negative or impossible ones. */
export function elementCount(tensor: TensorProto): number {
  let count = 1;
  for (const dim of tensor.dims) {
    count *= dim;
    if (!(dim >= 0) || count > Number.MAX_SAFE_INTEGER)
      throw new OnnxFormatError(
        `tensor ${quoted(tensor)} has the impossible shape ${tensor.dims.join(' × ')}`,
      );
  }
  return count;
}

/**
 * Checks that a tensor holds the bytes that its shape and type call for, without decoding them. Whole numbers
 * stored as varints may be longer. Throws OnnxFormatError.
 */
export function checkTensorSize(tensor: TensorProto): void {
  const count = elementCount(tensor);
  const width = widthOf(tensor);
  const { float, double } = dataType;
  if (tensor.rawData) checkRawLength(tensor, count * width, tensor.rawData.length);
  else if (tensor.dataType === float) checkRawLength(tensor, count * 4, tensor.floatData?.length ?? 0);
  else if (tensor.dataType === double) checkRawLength(tensor, count * 8, tensor.doubleData?.length ?? 0);
  else if (packedInts(tensor).length < count) throw wrongCount(tensor, count);
}

/**
 * Elements of a floating-point tensor in C order; a view into the file where it holds aligned float32.
 * float16 and bfloat16 widen exactly; double is rounded. Throws OnnxFormatError, also for external data without
 * `readExternal`.
 */
export function tensorFloats(tensor: TensorProto, readExternal?: ReadExternal): Float32Array {
  const elements = decodeTensor(tensor, readExternal);
  if (elements instanceof Float32Array) return elements;
  if (elements instanceof Float64Array) return Float32Array.from(elements);
  throw new OnnxFormatError(`tensor ${quoted(tensor)} does not hold floating-point numbers`);
}

/** Elements of an integer or boolean tensor as numbers, C order. Throws OnnxFormatError. */
export function tensorInts(tensor: TensorProto, readExternal?: ReadExternal): number[] {
  const elements = decodeTensor(tensor, readExternal);
  if (elements instanceof Float32Array || elements instanceof Float64Array)
    throw new OnnxFormatError(`tensor ${quoted(tensor)} does not hold whole numbers`);
  return Array.from(elements, Number);
}

/** Values that exporters compute sizes and scales with are short; longer ones are weights. */
export const longestConstant = 64;

/** Elements of a tensor short enough to be a size or a scale, else null. Throws OnnxFormatError. */
export function smallConstant(tensor: TensorProto): readonly number[] | null {
  if (elementCount(tensor) > longestConstant || tensor.dataLocation === 1) return null;
  // A network that was built without its weights (to count its cost) has none either.
  if (isFloatTensor(tensor)) return tensor.rawData || tensor.floatData ? [...tensorFloats(tensor)] : null;
  return tensorInts(tensor);
}

type Elements =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

function decodeTensor(tensor: TensorProto, readExternal: ReadExternal | undefined): Elements {
  const count = elementCount(tensor);
  const width = widthOf(tensor);
  const bytes =
    tensor.dataLocation === 1 ? externalBytes(tensor, readExternal, count * width) : tensor.rawData;
  if (bytes === undefined) return decodePacked(tensor, count);
  checkRawLength(tensor, count * width, bytes.length);
  return decodeRaw(tensor.dataType ?? 0, bytes);
}

function externalBytes(
  tensor: TensorProto,
  readExternal: ReadExternal | undefined,
  length: number,
): Uint8Array {
  const entry = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entry.get('location') ?? '';
  if (readExternal === undefined)
    throw new OnnxFormatError(`tensor ${quoted(tensor)} lies in another file ("${location}")`);
  return readExternal(location, Number(entry.get('offset') ?? 0), length);
}

function decodeRaw(kind: number, source: Uint8Array): Elements {
  // Typed arrays need alignment, which the position of a field in the file does not give.
  const width = bytesPerElement[kind] ?? 1;
  // (A copy by constructor: `slice` of a Node Buffer copies nothing.)
  const bytes = source.byteOffset % width === 0 ? source : new Uint8Array(source);
  const { buffer, byteOffset } = bytes;
  const length = bytes.length / width;
  switch (kind) {
    case dataType.float:
      return new Float32Array(buffer, byteOffset, length);
    case dataType.double:
      return new Float64Array(buffer, byteOffset, length);
    case dataType.float16:
      return halfToFloat(new Uint16Array(buffer, byteOffset, length));
    case dataType.bfloat16:
      return bfloatToFloat(new Uint16Array(buffer, byteOffset, length));
    case dataType.uint16:
      return new Uint16Array(buffer, byteOffset, length);
    case dataType.int16:
      return new Int16Array(buffer, byteOffset, length);
    case dataType.int32:
      return new Int32Array(buffer, byteOffset, length);
    case dataType.uint32:
      return new Uint32Array(buffer, byteOffset, length);
    case dataType.int64:
      return new BigInt64Array(buffer, byteOffset, length);
    case dataType.uint64:
      return new BigUint64Array(buffer, byteOffset, length);
    case dataType.int8:
      return new Int8Array(buffer, byteOffset, length);
    default:
      return bytes;
  }
}

/** The typed `*_data` fields: fixed-width numbers lie there as in raw_data, whole numbers as varints. */
function decodePacked(tensor: TensorProto, count: number): Elements {
  const { float, double, uint64, float16, bfloat16 } = dataType;
  const kind = tensor.dataType ?? 0;
  if (kind === float || kind === double) {
    const bytes = (kind === float ? tensor.floatData : tensor.doubleData) ?? new Uint8Array(0);
    checkRawLength(tensor, count * (kind === float ? 4 : 8), bytes.length);
    return decodeRaw(kind, bytes);
  }
  const bytes = packedInts(tensor);
  if (bytes.length < count) throw wrongCount(tensor, count);
  const numbers = new BigInt64Array(count);
  const at = { offset: 0 };
  for (let i = 0; i < count; i++) numbers[i] = BigInt.asIntN(64, readVarint(bytes, at));
  if (at.offset !== bytes.length) throw wrongCount(tensor, count);
  if (kind === float16) return halfToFloat(Uint16Array.from(numbers, Number));
  if (kind === bfloat16) return bfloatToFloat(Uint16Array.from(numbers, Number));
  return kind === uint64 ? new BigUint64Array(numbers.buffer) : numbers;
}

/** onnx.proto3: int64_data holds int64, uint64_data uint32 and uint64, int32_data every smaller type. */
function packedInts({ dataType: kind, int32Data, int64Data, uint64Data }: TensorProto): Uint8Array {
  const { int64, uint32, uint64 } = dataType;
  const data = kind === int64 ? int64Data : kind === uint32 || kind === uint64 ? uint64Data : int32Data;
  return data ?? new Uint8Array(0);
}

function widthOf(tensor: TensorProto): number {
  const width = bytesPerElement[tensor.dataType ?? 0];
  if (width === undefined)
    throw new OnnxFormatError(`tensor ${quoted(tensor)} has the element type ${tensor.dataType ?? 'none'}`);
  return width;
}

function checkRawLength(tensor: TensorProto, wanted: number, found: number): void {
  if (found !== wanted)
    throw new OnnxFormatError(`tensor ${quoted(tensor)} should hold ${wanted} bytes and holds ${found}`);
}

function wrongCount(tensor: TensorProto, count: number): OnnxFormatError {
  return new OnnxFormatError(`tensor ${quoted(tensor)} does not hold its ${count} elements`);
}

function quoted(tensor: TensorProto): string {
  return `"${tensor.name ?? ''}"`;
}

/** IEEE 754 binary16 to float32, exact. */
export function halfToFloat(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    let value: number;
    if (exponent === 0) value = fraction * 2 ** -24;
    else if (exponent === 31) value = fraction === 0 ? Infinity : NaN;
    else value = (1 + fraction / 1024) * 2 ** (exponent - 15);
    floats[i] = half & 0x8000 ? -value : value;
  }
  return floats;
}

/** bfloat16, the upper half of a float32, to float32, exact. */
export function bfloatToFloat(values: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = (values[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}
