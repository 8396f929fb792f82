import { inferShapes, operatorName, type Shape } from './infer-shapes.ts';
import type { OnnxModel } from './onnx-file.ts';
import type { NodeProto, TensorProto } from './proto.ts';
import { elementCount, isFloatTensor } from './tensor-data.ts';

export interface NodeCost {
  readonly node: NodeProto;
  readonly macs: number;
}

export interface Cost {
  /** Elements of the weights: every floating-point initializer that is not a mere setting of an operator. */
  readonly parameters: number;
  /** Multiply-accumulates of convolutions and matrix products, for the given input shapes. */
  readonly macs: number;
  /**
   * What the paper prints as GFLOPs (fvcore's count): `macs` and 5 operations an element of every
   * InstanceNormalization. The figure to compare with published tables.
   */
  readonly paperOps: number;
  readonly nodes: readonly NodeCost[];
}

/** Inputs that hold sizes, scales or limits rather than weights, by operator: those from this index on. */
const settingsFrom: Readonly<Record<string, number>> = { Resize: 1, Upsample: 1, Pad: 1, Clip: 1, Slice: 1 };

const fvcoreNormOps = 5;

/** Cost of one run on inputs of the given shapes. Throws OnnxFormatError as `inferShapes` does. */
export function measureCost(model: OnnxModel, inputShapes: Readonly<Record<string, Shape>>): Cost {
  const shapes = inferShapes(model, inputShapes);
  const shapeOf = (name: string | undefined): Shape => shapes.get(name ?? '') ?? [];
  const nodes = model.graph.nodes.map((node) => ({ node, macs: nodeMacs(node, shapeOf) }));
  const macs = nodes.reduce((sum, { macs }) => sum + macs, 0);
  const normalised = model.graph.nodes
    .filter((node) => operatorName(node) === 'InstanceNormalization')
    .reduce((sum, node) => sum + product(shapeOf(node.outputs[0])), 0);
  return { parameters: countParameters(model), macs, paperOps: macs + fvcoreNormOps * normalised, nodes };
}

/** Elements of the weights; each initializer counts once, however often it is used. */
export function countParameters(model: OnnxModel): number {
  const used = new Set<string>();
  for (const node of model.graph.nodes) {
    const end = settingsFrom[operatorName(node)] ?? node.inputs.length;
    for (const name of node.inputs.slice(0, end)) used.add(name);
  }
  return model.graph.initializers
    .filter((tensor: TensorProto) => used.has(tensor.name ?? '') && isFloatTensor(tensor))
    .reduce((sum, tensor) => sum + elementCount(tensor), 0);
}

/** Multiply-accumulates of one node (fvcore counts the same); 0 for everything but convolutions and products. */
export function nodeMacs(node: NodeProto, shapeOf: (name: string | undefined) => Shape): number {
  const weight = shapeOf(node.inputs[1]);
  const output = shapeOf(node.outputs[0]);
  switch (operatorName(node)) {
    case 'Conv':
      return product(output) * product(weight.slice(1));
    case 'ConvTranspose':
      return product(shapeOf(node.inputs[0])) * product(weight.slice(1));
    case 'MatMul':
      return product(output) * (shapeOf(node.inputs[0]).at(-1) ?? 0);
    case 'Gemm':
      // rows × columns × inner, and the weight has inner × columns elements.
      return (output[0] ?? 0) * product(weight);
    default:
      return 0;
  }
}

function product(shape: Shape): number {
  return shape.reduce((total, size) => total * size, 1);
}
