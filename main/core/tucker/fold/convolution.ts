import { operatorName } from '../../onnx/infer-shapes.ts';
import {
  intAttribute,
  intsAttribute,
  perAxisAttribute,
  stringAttribute,
} from '../../onnx/node-attributes.ts';
import type { NodeProto, TensorProto } from '../../onnx/proto.ts';
import { tensorFloats } from '../../onnx/tensor-data.ts';
import type { GraphView } from './graph-view.ts';

/** A Conv or ConvTranspose of one group with constant float32 weights and explicit padding, on a batch of one image. */
export interface Convolution {
  readonly node: NodeProto;
  readonly transposed: boolean;
  readonly input: string;
  readonly output: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  /** [outputs, inputs, kernel…] of a Conv, [inputs, outputs, kernel…] of a ConvTranspose. */
  readonly weight: TensorProto;
  /** Null where there is none, or where the graph computes it. */
  readonly bias: TensorProto | null;
  readonly biasIsComputed: boolean;
}

/** Null where the node is anything else. */
export function asConvolution(view: GraphView, node: NodeProto | null | undefined): Convolution | null {
  if (!node) return null;
  const operator = operatorName(node);
  if (operator !== 'Conv' && operator !== 'ConvTranspose') return null;
  const [input = '', weightName, biasName] = node.inputs;
  const weight = view.constant(weightName);
  if (!weight || view.shape(input)[0] !== 1) return null;
  if (intAttribute(node, 'group', 1) !== 1 || stringAttribute(node, 'auto_pad', 'NOTSET') !== 'NOTSET')
    return null;
  const [rows = 0, columns = 0, ...kernel] = weight.dims;
  const axes = kernel.length;
  if (axes === 0) return null;
  return {
    node,
    transposed: operator === 'ConvTranspose',
    input,
    output: node.outputs[0] ?? '',
    ...(operator === 'Conv' ? { outputs: rows, inputs: columns } : { inputs: rows, outputs: columns }),
    kernel,
    strides: perAxisAttribute(node, 'strides', axes, 1, 1),
    dilations: perAxisAttribute(node, 'dilations', axes, 1, 1),
    pads: perAxisAttribute(node, 'pads', 2 * axes, 0, 0),
    weight,
    bias: view.constant(biasName),
    biasIsComputed: Boolean(biasName) && view.constant(biasName) === null,
  };
}

/** A 1×1×1 convolution of stride 1: a matrix applied to the channels of every voxel. */
export function isPointwise(conv: Convolution): boolean {
  return !conv.transposed && hasUnitWindow(conv.node, conv.kernel);
}

/** As `isPointwise`, for a Conv whose weights may be computed. */
export function isPointwiseNode(view: GraphView, node: NodeProto): boolean {
  return (
    operatorName(node) === 'Conv' &&
    intAttribute(node, 'group', 1) === 1 &&
    stringAttribute(node, 'auto_pad', 'NOTSET') === 'NOTSET' &&
    hasUnitWindow(node, view.shape(node.inputs[1]).slice(2))
  );
}

function hasUnitWindow(node: NodeProto, kernel: readonly number[]): boolean {
  const all = (name: string, value: number) => (intsAttribute(node, name) ?? []).every((n) => n === value);
  return kernel.every((size) => size === 1) && all('strides', 1) && all('pads', 0);
}

/**
 * A transposed convolution whose windows tile the output without overlap or gap (kernel = stride): every output voxel
 * is one matrix applied to one input voxel.
 */
export function isTiling({ node, transposed, kernel, strides, dilations, pads }: Convolution): boolean {
  return (
    transposed &&
    kernel.every((size, axis) => size === strides[axis] && dilations[axis] === 1) &&
    pads.every((pad) => pad === 0) &&
    (intsAttribute(node, 'output_padding') ?? []).every((pad) => pad === 0) &&
    intsAttribute(node, 'output_shape') === null
  );
}

export function weightsOf(conv: Convolution): Float32Array {
  return tensorFloats(conv.weight);
}

export function biasOf(conv: Convolution): Float32Array | null {
  return conv.bias && tensorFloats(conv.bias);
}
