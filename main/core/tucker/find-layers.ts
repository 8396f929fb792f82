import { inferShapes, operatorName, type Shape } from '../onnx/infer-shapes.ts';
import { nodeMacs } from '../onnx/measure-cost.ts';
import { intAttribute, intsAttribute, tensorAttribute } from '../onnx/node-attributes.ts';
import { OnnxFormatError } from '../onnx/onnx-format-error.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../onnx/proto.ts';
import { isFloatTensor } from '../onnx/tensor-data.ts';
import type { Layer, LayerKind, UnsuitableLayer } from './layer.ts';

/**
 * The convolutions and matrix products of a network, in the order of the file. A graph whose shapes cannot be
 * followed, for an operator that is not known, still has its layers found: they then have no MACs and no positions.
 *
 * @param inputShapes of the network's inputs, for the costs
 */
export function findLayers(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
): readonly (Layer | UnsuitableLayer)[] {
  const shapes = shapesOf(model, inputShapes);
  const constants = constantTensors(model);
  return model.graph.nodes.flatMap((node): (Layer | UnsuitableLayer)[] => {
    const kind = kindOf(node);
    if (kind === null) return [];
    const weight = constants.get(node.inputs[1] ?? '') ?? null;
    const macs = shapes && nodeMacs(node, (value) => shapes.get(value ?? '') ?? []);
    const name = node.name || (node.outputs[0] ?? '');
    const reason = objection(node, kind, weight);
    if (weight === null || reason !== null) {
      const cost = { parameters: weight ? product(weight.dims) : 0, macs };
      return [{ name, kind, node, weight, cost, reason: reason ?? weightIsComputed }];
    }
    return [{ ...describeLayer(node, kind, weight, macs), name, positions: positionsOf(node, kind, shapes) }];
  });
}

function kindOf(node: NodeProto): LayerKind | null {
  const name = operatorName(node);
  return name === 'Conv' || name === 'ConvTranspose' || name === 'MatMul' || name === 'Gemm' ? name : null;
}

const weightIsComputed = 'its weights are not constants of the file';

/** Why a layer must stay as it is; null where nothing stands in the way. */
function objection(node: NodeProto, kind: LayerKind, weight: TensorProto | null): string | null {
  if (!weight) return weightIsComputed;
  if (!isFloatTensor(weight)) return 'its weights are not floating-point numbers';
  if (weight.dims.some((size) => size < 1)) return 'its weights are empty';
  if (kind === 'MatMul' || kind === 'Gemm')
    return weight.dims.length === 2 ? null : `its weights have ${weight.dims.length} axes, not 2`;
  if (weight.dims.length < 3) return `its weights have ${weight.dims.length} axes`;
  if (intAttribute(node, 'group', 1) !== 1) return 'its channels are in groups';
  const outputShape = intsAttribute(node, 'output_shape');
  if (outputShape && outputShape.length !== weight.dims.length - 2)
    return 'it declares the channels of its output';
  return null;
}

function describeLayer(
  node: NodeProto,
  kind: LayerKind,
  weight: TensorProto,
  macs: number | null,
): Omit<Layer, 'name' | 'positions'> {
  const [rows, columns, ...window] = weight.dims;
  const rowsAre = kind === 'Conv' || (kind === 'Gemm' && intAttribute(node, 'transB', 0)) ? 'out' : 'in';
  const channels = rowsAre === 'out' ? { in: columns, out: rows } : { in: rows, out: columns };
  const hasBias = Boolean(node.inputs[2]);
  return {
    kind,
    node,
    weight,
    shape: { rows, columns, taps: product(window) },
    window,
    channels,
    rowsAre,
    hasBias,
    cost: { parameters: product(weight.dims) + (hasBias ? channels.out : 0), macs },
  };
}

/** Voxels of a convolution, rows of a matrix product. */
function positionsOf(
  node: NodeProto,
  kind: LayerKind,
  shapes: ReadonlyMap<string, Shape> | null,
): Layer['positions'] {
  const input = shapes?.get(node.inputs[0] ?? '');
  const output = shapes?.get(node.outputs[0] ?? '');
  if (!input || !output) return null;
  if (kind === 'MatMul' || kind === 'Gemm') {
    const rows = product(output.slice(0, -1));
    return { in: rows, out: rows };
  }
  const voxels = ([batch, , ...space]: Shape) => batch * product(space);
  return { in: voxels(input), out: voxels(output) };
}

function shapesOf(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
): ReadonlyMap<string, Shape> | null {
  try {
    return inferShapes(model, inputShapes);
  } catch (error) {
    if (error instanceof OnnxFormatError) return null;
    throw error;
  }
}

/** Initializers, and the tensors of Constant nodes. */
function constantTensors({ graph }: OnnxModel): ReadonlyMap<string, TensorProto> {
  const constants = new Map(graph.initializers.map((tensor) => [tensor.name ?? '', tensor]));
  for (const node of graph.nodes) {
    const tensor = operatorName(node) === 'Constant' ? tensorAttribute(node, 'value') : null;
    if (tensor) constants.set(node.outputs[0] ?? '', tensor);
  }
  return constants;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
