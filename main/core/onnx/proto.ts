import { messageType, type MessageType } from './message-codec.ts';

/**
 * The messages of onnx.proto3 (github.com/onnx/onnx) that we read and edit. A field that is not listed stays in
 * `unknownFields`, byte for byte. Values are immutable: an edit makes a new object (`{ ...node, inputs }`), and
 * whatever was not replaced is written back exactly as it was read. Absent scalars are undefined.
 */
interface Message {
  readonly unknownFields?: readonly Uint8Array[];
}

export interface ModelProto extends Message {
  readonly irVersion?: number;
  readonly opsetImports: readonly OperatorSetIdProto[];
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: number;
  readonly docString?: string;
  readonly graph?: GraphProto;
  readonly metadata: readonly StringEntryProto[];
}

export interface OperatorSetIdProto extends Message {
  readonly domain?: string;
  readonly version?: number;
}

export interface StringEntryProto extends Message {
  readonly key?: string;
  readonly value?: string;
}

export interface GraphProto extends Message {
  readonly nodes: readonly NodeProto[];
  readonly name?: string;
  readonly initializers: readonly TensorProto[];
  readonly docString?: string;
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly valueInfos: readonly ValueInfoProto[];
}

export interface NodeProto extends Message {
  /** An empty name is an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attributes: readonly AttributeProto[];
  readonly docString?: string;
  readonly domain?: string;
}

export interface AttributeProto extends Message {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly Uint8Array[];
  readonly type?: number;
}

export interface TensorProto extends Message {
  readonly dims: readonly number[];
  /** One of `dataType`. */
  readonly dataType?: number;
  readonly name?: string;
  /** Little-endian elements, or one of the packed fields below in protobuf's own encoding. */
  readonly rawData?: Uint8Array;
  readonly floatData?: Uint8Array;
  readonly int32Data?: Uint8Array;
  readonly int64Data?: Uint8Array;
  readonly doubleData?: Uint8Array;
  readonly uint64Data?: Uint8Array;
  readonly externalData: readonly StringEntryProto[];
  /** 1: the elements lie in another file, named in `externalData`. */
  readonly dataLocation?: number;
}

export interface ValueInfoProto extends Message {
  readonly name?: string;
  readonly type?: TypeProto;
}

export interface TypeProto extends Message {
  readonly tensorType?: TensorTypeProto;
}

export interface TensorTypeProto extends Message {
  readonly elemType?: number;
  readonly shape?: TensorShapeProto;
}

export interface TensorShapeProto extends Message {
  readonly dims: readonly DimensionProto[];
}

/** A known size, a name for an unknown one, or neither. */
export interface DimensionProto extends Message {
  readonly value?: number;
  readonly param?: string;
}

/** TensorProto.DataType, the ones that we can decode. */
export const dataType = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** AttributeProto.AttributeType, the ones that we write. */
export const attributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
} as const;

const stringEntry = messageType<StringEntryProto>('StringStringEntryProto', () => ({
  key: { number: 1, kind: 'string' },
  value: { number: 2, kind: 'string' },
}));

const tensor = messageType<TensorProto>('TensorProto', () => ({
  dims: { number: 1, kind: 'ints' },
  dataType: { number: 2, kind: 'int' },
  floatData: { number: 4, kind: 'packed' },
  int32Data: { number: 5, kind: 'packed' },
  int64Data: { number: 7, kind: 'packed' },
  name: { number: 8, kind: 'string' },
  rawData: { number: 9, kind: 'bytes' },
  doubleData: { number: 10, kind: 'packed' },
  uint64Data: { number: 11, kind: 'packed' },
  externalData: { number: 13, kind: 'messages', message: stringEntry },
  dataLocation: { number: 14, kind: 'int' },
}));

const dimension = messageType<DimensionProto>('TensorShapeProto.Dimension', () => ({
  value: { number: 1, kind: 'int' },
  param: { number: 2, kind: 'string' },
}));
const shape = messageType<TensorShapeProto>('TensorShapeProto', () => ({
  dims: { number: 1, kind: 'messages', message: dimension },
}));
const tensorType = messageType<TensorTypeProto>('TypeProto.Tensor', () => ({
  elemType: { number: 1, kind: 'int' },
  shape: { number: 2, kind: 'message', message: shape },
}));
const type = messageType<TypeProto>('TypeProto', () => ({
  tensorType: { number: 1, kind: 'message', message: tensorType },
}));
const valueInfo = messageType<ValueInfoProto>('ValueInfoProto', () => ({
  name: { number: 1, kind: 'string' },
  type: { number: 2, kind: 'message', message: type },
}));

const attribute: MessageType<AttributeProto> = messageType('AttributeProto', () => ({
  name: { number: 1, kind: 'string' },
  f: { number: 2, kind: 'float' },
  i: { number: 3, kind: 'int' },
  s: { number: 4, kind: 'bytes' },
  t: { number: 5, kind: 'message', message: tensor },
  g: { number: 6, kind: 'message', message: graph },
  floats: { number: 7, kind: 'floats' },
  ints: { number: 8, kind: 'ints' },
  strings: { number: 9, kind: 'bytesList' },
  type: { number: 20, kind: 'int' },
}));

const node: MessageType<NodeProto> = messageType('NodeProto', () => ({
  inputs: { number: 1, kind: 'strings' },
  outputs: { number: 2, kind: 'strings' },
  name: { number: 3, kind: 'string' },
  opType: { number: 4, kind: 'string' },
  attributes: { number: 5, kind: 'messages', message: attribute },
  docString: { number: 6, kind: 'string' },
  domain: { number: 7, kind: 'string' },
}));

const graph: MessageType<GraphProto> = messageType('GraphProto', () => ({
  nodes: { number: 1, kind: 'messages', message: node },
  name: { number: 2, kind: 'string' },
  initializers: { number: 5, kind: 'messages', message: tensor },
  docString: { number: 10, kind: 'string' },
  inputs: { number: 11, kind: 'messages', message: valueInfo },
  outputs: { number: 12, kind: 'messages', message: valueInfo },
  valueInfos: { number: 13, kind: 'messages', message: valueInfo },
}));

const operatorSetId = messageType<OperatorSetIdProto>('OperatorSetIdProto', () => ({
  domain: { number: 1, kind: 'string' },
  version: { number: 2, kind: 'int' },
}));

export const modelMessage = messageType<ModelProto>('ModelProto', () => ({
  irVersion: { number: 1, kind: 'int' },
  producerName: { number: 2, kind: 'string' },
  producerVersion: { number: 3, kind: 'string' },
  domain: { number: 4, kind: 'string' },
  modelVersion: { number: 5, kind: 'int' },
  docString: { number: 6, kind: 'string' },
  graph: { number: 7, kind: 'message', message: graph },
  opsetImports: { number: 8, kind: 'messages', message: operatorSetId },
  metadata: { number: 14, kind: 'messages', message: stringEntry },
}));
