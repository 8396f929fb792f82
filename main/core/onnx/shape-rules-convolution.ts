import type { NodeView, Shape, ShapeRule } from './infer-shapes.ts';
import {
  describeNode,
  intAttribute,
  intsAttribute,
  perAxisAttribute,
  stringAttribute,
} from './node-attributes.ts';
import { OnnxFormatError } from './onnx-format-error.ts';
import { broadcast } from './shape-rules-elementwise.ts';

interface Window {
  readonly kernel: Shape;
  readonly strides: Shape;
  readonly dilations: Shape;
  /** Before, then after, one entry an axis each. */
  readonly pads: readonly number[];
  readonly autoPad: string;
}

function windowOf(view: NodeView, kernel: Shape): Window {
  const axes = kernel.length;
  const declared = intsAttribute(view.node, 'kernel_shape');
  if (declared && declared.join() !== kernel.join())
    throw new OnnxFormatError(
      `${describeNode(view.node)} declares the kernel ${declared.join(' × ')} and has ${kernel.join(' × ')}`,
    );
  return {
    kernel,
    strides: perAxisAttribute(view.node, 'strides', axes, 1, 1),
    dilations: perAxisAttribute(view.node, 'dilations', axes, 1, 1),
    pads: perAxisAttribute(view.node, 'pads', 2 * axes, 0, 0),
    autoPad: stringAttribute(view.node, 'auto_pad', 'NOTSET'),
  };
}

function spatialOf(view: NodeView, input: Shape, kernelRank: number): Shape {
  if (input.length !== kernelRank + 2)
    throw new OnnxFormatError(
      `${describeNode(view.node)} has ${kernelRank} kernel axes for an input of ${input.length} axes`,
    );
  return input.slice(2);
}

/** Size along one axis after a window has slid over it (Conv and pooling). */
function slide(view: NodeView, size: number, w: Window, axis: number, ceil: boolean): number {
  const stride = w.strides[axis] ?? 1;
  const extent = (w.dilations[axis] ?? 1) * ((w.kernel[axis] ?? 1) - 1) + 1;
  if (w.autoPad.startsWith('SAME')) return Math.ceil(size / stride);
  const padding = w.autoPad === 'VALID' ? 0 : (w.pads[axis] ?? 0) + (w.pads[axis + w.kernel.length] ?? 0);
  const room = size + padding - extent;
  if (room < 0)
    throw new OnnxFormatError(`${describeNode(view.node)} has a window of ${extent} over ${size} voxels`);
  return (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
}

const conv: ShapeRule = (view) => {
  const input = view.shape(0);
  const [outputs = 0, perGroup = 0, ...kernel] = view.shape(1);
  const group = intAttribute(view.node, 'group', 1);
  const spatial = spatialOf(view, input, kernel.length);
  if (!(group >= 1) || input[1] !== perGroup * group || outputs % group !== 0)
    throw new OnnxFormatError(
      `${describeNode(view.node)} has weights for ${perGroup * group} channels and gets ${input[1]}`,
    );
  checkBias(view, outputs);
  const window = windowOf(view, kernel);
  return { shapes: [[input[0] ?? 0, outputs, ...spatial.map((n, a) => slide(view, n, window, a, false))]] };
};

const convTranspose: ShapeRule = (view) => {
  const input = view.shape(0);
  const [channels = 0, perGroup = 0, ...kernel] = view.shape(1);
  const group = intAttribute(view.node, 'group', 1);
  const spatial = spatialOf(view, input, kernel.length);
  if (!(group >= 1) || input[1] !== channels)
    throw new OnnxFormatError(
      `${describeNode(view.node)} has weights for ${channels} channels and gets ${input[1]}`,
    );
  checkBias(view, perGroup * group);
  const w = windowOf(view, kernel);
  const extra = perAxisAttribute(view.node, 'output_padding', kernel.length, 0, 0);
  const declared = intsAttribute(view.node, 'output_shape');
  const sizes = spatial.map((size, axis) => {
    const stride = w.strides[axis] ?? 1;
    if (w.autoPad.startsWith('SAME')) return size * stride;
    const extent = (w.dilations[axis] ?? 1) * ((w.kernel[axis] ?? 1) - 1) + 1;
    const cut = (w.pads[axis] ?? 0) + (w.pads[axis + kernel.length] ?? 0);
    return stride * (size - 1) + (extra[axis] ?? 0) + extent - cut;
  });
  return { shapes: [[input[0] ?? 0, perGroup * group, ...(declared ?? sizes)]] };
};

function checkBias(view: NodeView, outputs: number): void {
  if (view.hasInput(2) && view.shape(2).join() !== String(outputs))
    throw new OnnxFormatError(
      `${describeNode(view.node)} has ${outputs} outputs and a bias of ${view.shape(2).join(' × ')}`,
    );
}

const pool: ShapeRule = (view) => {
  const input = view.shape(0);
  const kernel = intsAttribute(view.node, 'kernel_shape') ?? [];
  const spatial = spatialOf(view, input, kernel.length);
  const window = windowOf(view, kernel);
  const ceil = intAttribute(view.node, 'ceil_mode', 0) === 1;
  const shape = [...input.slice(0, 2), ...spatial.map((n, a) => slide(view, n, window, a, ceil))];
  return { shapes: view.node.outputs.map(() => shape) };
};

const globalPool: ShapeRule = (view) => {
  const input = view.shape(0);
  return { shapes: [input.map((size, axis) => (axis < 2 ? size : 1))] };
};

/** Normalisation with `parameters` inputs after the first, one element a channel (axis 1) each. */
function channelNorm(parameters: number): ShapeRule {
  return (view) => {
    const input = view.shape(0);
    for (let i = 1; i <= parameters; i++) {
      if (view.shape(i).join() !== String(input[1]))
        throw new OnnxFormatError(
          `${describeNode(view.node)} has ${view.shape(i).join(' × ')} parameters for ${input[1]} channels`,
        );
    }
    return { shapes: [input] };
  };
}

function productOf(left: Shape, right: Shape, view: NodeView): Shape {
  const [rows = 1] = left.slice(-2);
  const [inner, columns = 1] = right.slice(-2);
  if (left.length < 2 || right.length < 2 || left.at(-1) !== inner)
    throw new OnnxFormatError(
      `${describeNode(view.node)} cannot multiply ${left.join(' × ')} by ${right.join(' × ')}`,
    );
  return [rows, columns];
}

const matMul: ShapeRule = (view) => {
  const left = view.shape(0);
  const right = view.shape(1);
  const batch = broadcast(view, [left.slice(0, -2), right.slice(0, -2)]);
  return { shapes: [[...batch, ...productOf(left, right, view)]] };
};

const gemm: ShapeRule = (view) => {
  const turned = (shape: Shape, attribute: string) =>
    intAttribute(view.node, attribute, 0) ? [...shape].reverse() : shape;
  return { shapes: [productOf(turned(view.shape(0), 'transA'), turned(view.shape(1), 'transB'), view)] };
};

export const convolutionRules: Readonly<Record<string, ShapeRule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  AveragePool: pool,
  MaxPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  InstanceNormalization: channelNorm(2),
  BatchNormalization: channelNorm(4),
  MatMul: matMul,
  Gemm: gemm,
};
