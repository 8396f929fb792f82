import { elementSizes } from './element-sizes.ts';
import { inferShapes, operatorName, type Shape } from './infer-shapes.ts';
import { isView, liveMemory } from './live-memory.ts';
import type { OnnxModel } from './onnx-file.ts';
import type { NodeProto, TensorProto } from './proto.ts';
import { elementCount, isFloatTensor } from './tensor-data.ts';

export interface NodeCost {
  readonly node: NodeProto;
  readonly macs: number;
  /** Activations and weights that it reads, each once; nothing where it only gives a value another shape. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Activations in memory while it runs (`liveMemory`). */
  readonly liveBytes: number;
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
  /** What goes through memory in one run, if every node is a pass of its own. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The most activations that are in memory at a time, the network's inputs and outputs among them. */
  readonly peakBytes: number;
  /** The first node at which that is so; null for a network without nodes. */
  readonly peakNode: NodeProto | null;
  readonly nodes: readonly NodeCost[];
}

/** Inputs that hold sizes, scales or limits rather than weights, by operator: those from this index on. */
const settingsFrom: Readonly<Record<string, number>> = { Resize: 1, Upsample: 1, Pad: 1, Clip: 1, Slice: 1 };

const fvcoreNormOps = 5;

/** Cost of one run on inputs of the given shapes. Throws OnnxFormatError as `inferShapes` does. */
export function measureCost(model: OnnxModel, inputShapes: Readonly<Record<string, Shape>>): Cost {
  const shapes = inferShapes(model, inputShapes);
  const shapeOf = (name: string | undefined): Shape => shapes.get(name ?? '') ?? [];
  const sizes = elementSizes(model);
  const bytesOf = (name: string) => product(shapeOf(name)) * (sizes.get(name) ?? 4);
  const live = liveMemory(model.graph, bytesOf);
  const nodes = model.graph.nodes.map((node, i) => ({
    node,
    macs: nodeMacs(node, shapeOf),
    ...traffic(node, bytesOf),
    liveBytes: live[i],
  }));
  const total = (value: (node: NodeCost) => number) => nodes.reduce((sum, node) => sum + value(node), 0);
  const macs = total((node) => node.macs);
  const normalised = model.graph.nodes
    .filter((node) => operatorName(node) === 'InstanceNormalization')
    .reduce((sum, node) => sum + product(shapeOf(node.outputs[0])), 0);
  const peak = nodes.reduce<NodeCost | null>(
    (most, node) => (most && most.liveBytes >= node.liveBytes ? most : node),
    null,
  );
  return {
    parameters: countParameters(model),
    macs,
    paperOps: macs + fvcoreNormOps * normalised,
    bytesRead: total((node) => node.bytesRead),
    bytesWritten: total((node) => node.bytesWritten),
    peakBytes: peak?.liveBytes ?? 0,
    peakNode: peak?.node ?? null,
    nodes,
  };
}

function traffic(
  node: NodeProto,
  bytesOf: (name: string) => number,
): Pick<NodeCost, 'bytesRead' | 'bytesWritten'> {
  // Shape looks at no element of its input.
  if (isView(node) || ['Constant', 'Shape'].includes(operatorName(node)))
    return { bytesRead: 0, bytesWritten: 0 };
  const total = (names: Iterable<string>) =>
    [...names].filter(Boolean).reduce((sum, name) => sum + bytesOf(name), 0);
  return { bytesRead: total(new Set(node.inputs)), bytesWritten: total(node.outputs) };
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
