import { OnnxFormatError } from './onnx-format-error.ts';
import type { AttributeProto, NodeProto, TensorProto } from './proto.ts';

const decoder = new TextDecoder();

function find(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attributes.find((attribute) => attribute.name === name);
}

export function intAttribute(node: NodeProto, name: string, otherwise: number): number {
  return find(node, name)?.i ?? otherwise;
}

export function floatAttribute(node: NodeProto, name: string, otherwise: number): number {
  return find(node, name)?.f ?? otherwise;
}

export function stringAttribute(node: NodeProto, name: string, otherwise: string): string {
  const bytes = find(node, name)?.s;
  return bytes === undefined ? otherwise : decoder.decode(bytes);
}

/** Null where the node has no such attribute. */
export function intsAttribute(node: NodeProto, name: string): readonly number[] | null {
  return find(node, name)?.ints ?? null;
}

export function tensorAttribute(node: NodeProto, name: string): TensorProto | null {
  return find(node, name)?.t ?? null;
}

/** One entry an axis, `otherwise` on every axis where the attribute is absent. Throws OnnxFormatError. */
export function perAxisAttribute(
  node: NodeProto,
  name: string,
  axes: number,
  otherwise: number,
  least: number,
): readonly number[] {
  const values = intsAttribute(node, name) ?? new Array<number>(axes).fill(otherwise);
  if (values.length !== axes || values.some((value) => !Number.isSafeInteger(value) || value < least))
    throw new OnnxFormatError(`${describeNode(node)} has the impossible ${name} [${values.join(', ')}]`);
  return values;
}

export function describeNode(node: NodeProto): string {
  return `${node.opType ?? 'a node'} "${node.name || (node.outputs[0] ?? '')}"`;
}
