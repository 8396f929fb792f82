import { operatorName } from './infer-shapes.ts';
import { intAttribute, tensorAttribute } from './node-attributes.ts';
import type { OnnxModel } from './onnx-file.ts';
import { dataType, type NodeProto } from './proto.ts';
import { bytesPerElement } from './tensor-data.ts';

const { float, int64, bool } = dataType;

/** Operators whose result has a type of its own, whatever goes in. */
const ownType: Readonly<Record<string, number>> = {
  ...{ Shape: int64, Size: int64, ArgMax: int64, ArgMin: int64, NonZero: int64 },
  ...{ Equal: bool, Greater: bool, GreaterOrEqual: bool, Less: bool, LessOrEqual: bool, Not: bool },
  ...{ And: bool, Or: bool, IsNaN: bool, IsInf: bool },
};

/** Bytes an element of every value of the graph takes, by the types that the file declares for inputs and weights. */
export function elementSizes(model: OnnxModel): ReadonlyMap<string, number> {
  return new Map([...elementTypes(model)].map(([name, type]) => [name, bytesPerElement[type] ?? 4]));
}

/** The element type (`dataType`) of every value of the graph, where all operators are known. */
export function elementTypes({ graph }: OnnxModel): ReadonlyMap<string, number> {
  const types = new Map<string, number>();
  for (const { name, type } of graph.inputs) types.set(name ?? '', type?.tensorType?.elemType ?? float);
  for (const { name, dataType: kind } of graph.initializers) types.set(name ?? '', kind ?? float);
  for (const node of graph.nodes) {
    const type = resultType(node, (name) => types.get(name ?? '') ?? float);
    node.outputs.forEach((name, i) => types.set(name, secondaryType(node, i) ?? type));
  }
  return types;
}

function resultType(node: NodeProto, typeOf: (name: string | undefined) => number): number {
  const name = operatorName(node);
  switch (name) {
    case 'Cast':
      return intAttribute(node, 'to', float);
    case 'Constant':
    case 'ConstantOfShape':
      return tensorAttribute(node, 'value')?.dataType ?? float;
    case 'Where':
      return typeOf(node.inputs[1]);
    default:
      return ownType[name] ?? typeOf(node.inputs[0]);
  }
}

/** Of outputs after the first: the indices of a pooling, the mask of a dropout; null: that of the first. */
function secondaryType(node: NodeProto, output: number): number | null {
  if (output === 0) return null;
  const name = operatorName(node);
  if (name === 'MaxPool') return int64;
  return name === 'Dropout' ? bool : null;
}
