import type { OnnxModel } from './onnx-file.ts';
import {
  attributeType,
  dataType,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto.ts';

export type AttributeValue = number | readonly number[] | string | TensorProto;

/** An attribute whose number is a float even where its value is whole, such as `alpha`. */
export interface FloatValue {
  readonly float: number;
}

const encoder = new TextEncoder();

/** A node; numbers become integer attributes, `{ float }` floating-point ones. */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue | FloatValue>> = {},
): NodeProto {
  return {
    inputs,
    outputs,
    name: outputs[0] ?? '',
    opType,
    attributes: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
  };
}

export function makeAttribute(name: string, value: AttributeValue | FloatValue): AttributeProto {
  const base = { name, floats: [], ints: [], strings: [] };
  if (typeof value === 'number') return { ...base, i: value, type: attributeType.int };
  if (typeof value === 'string') return { ...base, s: encoder.encode(value), type: attributeType.string };
  if (isList(value)) return { ...base, ints: value, type: attributeType.ints };
  if ('float' in value) return { ...base, f: value.float, type: attributeType.float };
  return { ...base, t: value, type: attributeType.tensor };
}

function isList(value: AttributeValue | FloatValue): value is readonly number[] {
  return Array.isArray(value);
}

/** A float32 tensor, C order; `data` is kept, not copied. */
export function makeFloatTensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dims, dataType: dataType.float, name, rawData, externalData: [] };
}

export function makeInt64Tensor(
  name: string,
  dims: readonly number[],
  values: readonly number[],
): TensorProto {
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { dims, dataType: dataType.int64, name, rawData, externalData: [] };
}

/** A float32 value of the graph; a string is the name of a size that is known only when it runs. */
export function makeValueInfo(name: string, dims: readonly (number | string)[]): ValueInfoProto {
  const shape = { dims: dims.map((dim) => (typeof dim === 'number' ? { value: dim } : { param: dim })) };
  return { name, type: { tensorType: { elemType: dataType.float, shape } } };
}

/** Opset 17: the newest before operators appear that older runtimes lack; DirectML takes up to 20. */
export const builtOpset = 17;
const builtIrVersion = 8;

export function makeModel(
  graph: Pick<GraphProto, 'nodes' | 'initializers' | 'inputs' | 'outputs'> & { readonly name: string },
  metadata: Readonly<Record<string, string>> = {},
): OnnxModel {
  return {
    irVersion: builtIrVersion,
    producerName: 'Thinslice',
    opsetImports: [{ domain: '', version: builtOpset }],
    graph: { ...graph, valueInfos: [] },
    metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
}
