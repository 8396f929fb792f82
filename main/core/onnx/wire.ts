import { OnnxFormatError } from './onnx-format-error.ts';

/**
 * Protocol Buffers wire format (protobuf.dev, "Encoding"): a message is a list of fields, each a tag (number and
 * wire type) and a payload. Groups (wire types 3 and 4) do not occur in ONNX and are refused.
 */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export interface WireField {
  readonly number: number;
  readonly type: number;
  /** The varint's value; 0n for other types. */
  readonly varint: bigint;
  /** Payload of the other types: a view into the file. */
  readonly bytes: Uint8Array;
  /** The whole field, tag included, as it lies in the file. */
  readonly raw: Uint8Array;
}

const nothing = new Uint8Array(0);

/**
 * Every field of `message` in file order, as views that copy nothing. Throws OnnxFormatError where a length runs
 * past the end of its message, so that no claim of a size is ever believed without the bytes being there.
 */
export function* readFields(message: Uint8Array): Generator<WireField> {
  const at = { offset: 0 };
  while (at.offset < message.length) {
    const start = at.offset;
    const tag = readVarint(message, at);
    const type = Number(tag & 7n);
    const number = Number(tag >> 3n);
    if (number < 1 || number > 0x1fffffff)
      throw new OnnxFormatError(`field number ${number} is not possible`);
    let varint = 0n;
    let bytes: Uint8Array = nothing;
    if (type === wireType.varint) varint = readVarint(message, at);
    else bytes = take(message, at, payloadLength(message, at, type));
    yield { number, type, varint, bytes, raw: message.subarray(start, at.offset) };
  }
}

function payloadLength(message: Uint8Array, at: { offset: number }, type: number): number {
  if (type === wireType.bytes) {
    const length = readVarint(message, at);
    if (length > BigInt(message.length - at.offset))
      throw new OnnxFormatError(
        `a field claims ${length} bytes where ${message.length - at.offset} are left`,
      );
    return Number(length);
  }
  if (type === wireType.fixed64) return 8;
  if (type === wireType.fixed32) return 4;
  throw new OnnxFormatError(`wire type ${type} is not used by ONNX`);
}

function take(message: Uint8Array, at: { offset: number }, length: number): Uint8Array {
  if (length > message.length - at.offset) throw new OnnxFormatError('the file ends within a field');
  const bytes = message.subarray(at.offset, at.offset + length);
  at.offset += length;
  return bytes;
}

/** A varint of at most 64 bits; advances `at.offset`. Throws OnnxFormatError. */
export function readVarint(bytes: Uint8Array, at: { offset: number }): bigint {
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = byteAt(bytes, at);
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = byteAt(bytes, at);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new OnnxFormatError('a number is longer than 64 bits');
}

function byteAt(bytes: Uint8Array, at: { offset: number }): number {
  const byte = bytes[at.offset++];
  if (byte === undefined) throw new OnnxFormatError('the file ends within a number');
  return byte;
}

/** Bytes of a message in the making: a list of pieces, so that tensor data are copied once, at the end. */
export class WireWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes as they are: a field kept from the file, with its tag. */
  raw(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  varint(number: number, value: bigint): void {
    this.#tag(number, wireType.varint);
    this.raw(encodeVarint(value));
  }

  fixed32(number: number, bytes: Uint8Array): void {
    this.#tag(number, wireType.fixed32);
    this.raw(bytes);
  }

  bytes(number: number, bytes: Uint8Array): void {
    this.#tag(number, wireType.bytes);
    this.raw(encodeVarint(BigInt(bytes.length)));
    this.raw(bytes);
  }

  message(number: number, message: WireWriter): void {
    this.#tag(number, wireType.bytes);
    this.raw(encodeVarint(BigInt(message.#length)));
    for (const piece of message.#pieces) this.#pieces.push(piece);
    this.#length += message.#length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.#length);
    let offset = 0;
    for (const piece of this.#pieces) {
      file.set(piece, offset);
      offset += piece.length;
    }
    return file;
  }

  #tag(number: number, type: number): void {
    this.raw(encodeVarint(BigInt((number << 3) | type)));
  }
}

/** `value` as an unsigned 64-bit varint; a negative number is written in ten bytes, as protobuf's int64 is. */
export function encodeVarint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value);
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}
