import { OnnxFormatError } from './onnx-format-error.ts';
import { encodeVarint, readFields, readVarint, wireType, WireWriter, type WireField } from './wire.ts';

type Kind =
  | 'int'
  | 'float'
  | 'string'
  | 'bytes'
  | 'message'
  | 'ints'
  | 'floats'
  | 'strings'
  | 'bytesList'
  | 'messages'
  /** Repeated numbers of bulk data: kept as their encoded bytes and decoded where the tensor's size is known. */
  | 'packed';

interface FieldSpec {
  readonly number: number;
  readonly kind: Kind;
  readonly message?: MessageType<never>;
}

/** How one message's fields map to the properties of `T`. */
export interface MessageType<T> {
  readonly name: string;
  readonly fields: () => Readonly<Record<Exclude<keyof T, 'unknownFields'>, FieldSpec>>;
}

/** `fields` is a function because messages contain one another (a node's attribute holds a graph). */
export function messageType<T>(name: string, fields: MessageType<T>['fields']): MessageType<T> {
  return { name, fields };
}

// An ONNX of a few MB must not become gigabytes of objects: networks have thousands of these, not millions.
const maxMessages = 2_000_000;
const maxNumbers = 16_000_000;
const maxDepth = 40;

interface Budget {
  messages: number;
  numbers: number;
}

type Fields = Record<string, unknown>;
type AnyType = MessageType<Fields>;

/** The bytes that a message was read from: what it is written back as while nobody has replaced it. */
const original = new WeakMap<object, Uint8Array>();

const lists: readonly Kind[] = ['ints', 'floats', 'strings', 'bytesList', 'messages'];

/** Decodes one message and everything in it. Throws OnnxFormatError. */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array): T {
  return decode(type as unknown as AnyType, bytes, { messages: 0, numbers: 0 }, 0) as T;
}

function decode(type: AnyType, bytes: Uint8Array, budget: Budget, depth: number): Fields {
  if (depth > maxDepth) throw new OnnxFormatError('graphs are nested too deeply');
  if (++budget.messages > maxMessages) throw new OnnxFormatError('it has too many parts');
  const value: Fields = {};
  const unknownFields: Uint8Array[] = [];
  const specs = specsByNumber(type);
  for (const list of [...specs.lists, ...specs.packed]) value[list] = [];
  for (const field of readFields(bytes)) {
    const known = specs.byNumber.get(field.number);
    if (known === undefined) unknownFields.push(field.raw);
    else decodeField(type, value, known.key, known.spec, field, budget, depth);
  }
  for (const key of specs.packed) value[key] = joined(value[key] as Uint8Array[]);
  if (unknownFields.length > 0) value['unknownFields'] = unknownFields;
  original.set(value, bytes);
  return value;
}

function decodeField(
  type: AnyType,
  value: Fields,
  key: string,
  { kind, message }: FieldSpec,
  field: WireField,
  budget: Budget,
  depth: number,
): void {
  const where = `${type.name}.${key}`;
  const list = value[key] as unknown[];
  switch (kind) {
    case 'int':
      value[key] = signed(varint(field, where));
      break;
    case 'float':
      value[key] = float(field, where);
      break;
    case 'string':
      value[key] = text(payload(field, where), where);
      break;
    case 'bytes':
      value[key] = payload(field, where);
      break;
    case 'message':
      if (value[key] !== undefined) throw new OnnxFormatError(`${where} occurs twice`);
      value[key] = decode(message as unknown as AnyType, payload(field, where), budget, depth + 1);
      break;
    case 'messages':
      list.push(decode(message as unknown as AnyType, payload(field, where), budget, depth + 1));
      break;
    case 'strings':
      count(budget, 1);
      list.push(text(payload(field, where), where));
      break;
    case 'bytesList':
      count(budget, 1);
      list.push(payload(field, where));
      break;
    case 'ints':
      decodeInts(list as number[], field, where, budget);
      break;
    case 'floats':
      decodeFloats(list as number[], field, where, budget);
      break;
    case 'packed':
      list.push(packedBytes(field, budget));
      break;
  }
}

function decodeInts(list: number[], field: WireField, where: string, budget: Budget): void {
  if (field.type !== wireType.bytes) {
    count(budget, 1);
    list.push(signed(varint(field, where)));
    return;
  }
  const at = { offset: 0 };
  while (at.offset < field.bytes.length) {
    count(budget, 1);
    list.push(signed(readVarint(field.bytes, at)));
  }
}

function decodeFloats(list: number[], field: WireField, where: string, budget: Budget): void {
  if (field.type !== wireType.bytes) {
    count(budget, 1);
    list.push(float(field, where));
    return;
  }
  const { buffer, byteOffset, length } = field.bytes;
  if (length % 4 !== 0) throw new OnnxFormatError(`${where} does not hold whole numbers of 4 bytes`);
  count(budget, length / 4);
  const view = new DataView(buffer, byteOffset, length);
  for (let i = 0; i < length; i += 4) list.push(view.getFloat32(i, true));
}

/** The encoded numbers of a packed field, or of one element where the writer did not pack. */
function packedBytes(field: WireField, budget: Budget): Uint8Array {
  count(budget, 1);
  return field.type === wireType.varint ? encodeVarint(field.varint) : field.bytes;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array | undefined {
  if (pieces.length <= 1) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function count(budget: Budget, numbers: number): void {
  budget.numbers += numbers;
  if (budget.numbers > maxNumbers) throw new OnnxFormatError('its lists are too long');
}

function varint(field: WireField, where: string): bigint {
  if (field.type !== wireType.varint) throw new OnnxFormatError(`${where} is not a whole number`);
  return field.varint;
}

function payload(field: WireField, where: string): Uint8Array {
  if (field.type !== wireType.bytes) throw new OnnxFormatError(`${where} has the wrong type`);
  return field.bytes;
}

function float(field: WireField, where: string): number {
  if (field.type !== wireType.fixed32) throw new OnnxFormatError(`${where} is not a number of 4 bytes`);
  return new DataView(field.bytes.buffer, field.bytes.byteOffset, 4).getFloat32(0, true);
}

function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(bytes: Uint8Array, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new OnnxFormatError(`${where} is not UTF-8`);
  }
}

/** The message as bytes: parts that were read and not replaced are the very bytes of their file. */
export function encodeMessage<T extends object>(type: MessageType<T>, value: T): Uint8Array<ArrayBuffer> {
  return encode(type as unknown as AnyType, value as Fields).finish();
}

function encode(type: AnyType, value: Fields): WireWriter {
  const writer = new WireWriter();
  const asRead = original.get(value);
  if (asRead !== undefined) {
    writer.raw(asRead);
    return writer;
  }
  for (const [key, spec] of Object.entries(type.fields())) {
    if (value[key] !== undefined) encodeField(writer, spec, value[key]);
  }
  for (const field of (value['unknownFields'] ?? []) as Uint8Array[]) writer.raw(field);
  return writer;
}

const encoder = new TextEncoder();

function encodeField(writer: WireWriter, { number, kind, message }: FieldSpec, value: unknown): void {
  const list = lists.includes(kind) ? (value as unknown[]) : [value];
  for (const item of list) {
    if (kind === 'int' || kind === 'ints') writer.varint(number, int64(item as number));
    else if (kind === 'float' || kind === 'floats') writer.fixed32(number, float32Bytes(item as number));
    else if (kind === 'string' || kind === 'strings') writer.bytes(number, encoder.encode(item as string));
    else if (kind === 'message' || kind === 'messages')
      writer.message(number, encode(message as unknown as AnyType, item as Fields));
    else writer.bytes(number, item as Uint8Array);
  }
}

const int64Max = 0x7fffffffffffffffn;

/** Slice's "to the end" is INT64_MAX, which a double rounds up to 2^63. */
function int64(value: number): bigint {
  const whole = BigInt(value);
  return whole > int64Max ? int64Max : whole;
}

function float32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

interface Specs {
  readonly byNumber: ReadonlyMap<number, { readonly key: string; readonly spec: FieldSpec }>;
  readonly lists: readonly string[];
  readonly packed: readonly string[];
}

const specsOf = new WeakMap<AnyType, Specs>();

function specsByNumber(type: AnyType): Specs {
  let specs = specsOf.get(type);
  if (specs === undefined) {
    const fields = Object.entries(type.fields());
    specs = {
      byNumber: new Map(fields.map(([key, spec]) => [spec.number, { key, spec }])),
      lists: fields.filter(([, spec]) => lists.includes(spec.kind)).map(([key]) => key),
      packed: fields.filter(([, spec]) => spec.kind === 'packed').map(([key]) => key),
    };
    specsOf.set(type, specs);
  }
  return specs;
}
