import {
  intAttribute,
  intsAttribute,
  perAxisAttribute,
  stringAttribute,
} from '../../onnx/node-attributes.ts';
import { range, refuse, type GradientRule, type GradientView } from './gradient-rule.ts';

/**
 * Resize is linear, and separable: along each axis it multiplies by a matrix, so the gradient is multiplied by each matrix
 * transposed.
 */
const resize: GradientRule = (view, gradient) => {
  const from = view.inputShape(0);
  const to = view.outputShape(0);
  const { builder: b } = view;
  let result = gradient;
  const shape = [...to];
  for (const axis of range(from.length)) {
    if (from[axis] === to[axis]) continue;
    const matrix = b.floats([to[axis]!, from[axis]!], resizeMatrix(view, axis));
    const last = shape.length - 1;
    // MatMul multiplies along the last axis.
    const swap = range(shape.length).map((each) => (each === axis ? last : each === last ? axis : each));
    const turned = axis === last ? result : b.transpose(result, swap);
    const product = b.op('MatMul', [turned, matrix]);
    result = axis === last ? product : b.transpose(product, swap);
    shape[axis] = from[axis]!;
  }
  return [result];
};

/** Row: an output entry; column: an input entry (ONNX Resize, modes nearest and linear). */
function resizeMatrix(view: GradientView, axis: number): Float32Array {
  const from = view.inputShape(0)[axis]!;
  const to = view.outputShape(0)[axis]!;
  const scale = scaleOf(view, axis, from, to);
  const mode = stringAttribute(view.node, 'mode', 'nearest');
  const matrix = new Float32Array(to * from);
  for (let index = 0; index < to; index++) {
    const position = sourceOf(view, index, { from, to, scale });
    if (mode === 'nearest') {
      matrix[index * from + clamp(nearest(view, position), from)] = 1;
    } else if (mode === 'linear') {
      const below = Math.floor(position);
      const weight = position - below;
      matrix[index * from + clamp(below, from)]! += 1 - weight;
      matrix[index * from + clamp(below + 1, from)]! += weight;
    } else throw refuse(view, `resizes by ${mode}, whose gradient is not known`);
  }
  return matrix;
}

function scaleOf(view: GradientView, axis: number, from: number, to: number): number {
  return view.node.inputs[3] ? to / from : (view.constant(2)[axis] ?? to / from);
}

function clamp(index: number, size: number): number {
  return Math.min(size - 1, Math.max(0, index));
}

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/** Where an output entry lies among the input's (coordinate_transformation_mode). */
function sourceOf(view: GradientView, index: number, { from, to, scale }: Axis): number {
  const mode = stringAttribute(view.node, 'coordinate_transformation_mode', 'half_pixel');
  switch (mode) {
    case 'half_pixel':
      return (index + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return to > 1 ? (index + 0.5) / scale - 0.5 : 0;
    case 'asymmetric':
      return index / scale;
    case 'align_corners':
      return to > 1 ? (index * (from - 1)) / (to - 1) : 0;
    default:
      throw refuse(view, `places its entries by ${mode}, which is not known`);
  }
}

function nearest(view: GradientView, position: number): number {
  const mode = stringAttribute(view.node, 'nearest_mode', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(position - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(position + 0.5);
    case 'floor':
      return Math.floor(position);
    case 'ceil':
      return Math.ceil(position);
    default:
      throw refuse(view, `rounds by ${mode}, which is not known`);
  }
}

interface Pooling {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

function poolingOf(view: GradientView): Pooling {
  const kernel = intsAttribute(view.node, 'kernel_shape') ?? [];
  const axes = kernel.length;
  if (stringAttribute(view.node, 'auto_pad', 'NOTSET') !== 'NOTSET') throw refuse(view, 'pads by itself');
  if (intAttribute(view.node, 'ceil_mode', 0) !== 0) throw refuse(view, 'rounds its size up');
  if (perAxisAttribute(view.node, 'dilations', axes, 1, 1).some((each) => each !== 1)) {
    throw refuse(view, 'is dilated');
  }
  return {
    kernel,
    strides: perAxisAttribute(view.node, 'strides', axes, 1, 1),
    pads: perAxisAttribute(view.node, 'pads', 2 * axes, 0, 0),
  };
}

/** The mean of each window, given back in equal parts: a transposed convolution of each channel by a constant. */
const averagePool: GradientRule = (view, gradient) => {
  const { kernel, strides, pads } = poolingOf(view);
  if (pads.some((count) => count !== 0) && intAttribute(view.node, 'count_include_pad', 0) === 0) {
    throw refuse(view, 'leaves its padding out of the mean');
  }
  const channels = view.inputShape(0)[1]!;
  const voxels = kernel.reduce((product, size) => product * size, 1);
  const { builder: b } = view;
  const parts = b.floats([channels, 1, ...kernel], new Float32Array(channels * voxels).fill(1 / voxels));
  const rest = kernel.map(
    (size, axis) =>
      view.inputShape(0)[axis + 2]! -
      (strides[axis]! * (view.outputShape(0)[axis + 2]! - 1) +
        size -
        pads[axis]! -
        pads[axis + kernel.length]!),
  );
  const attributes = { kernel_shape: kernel, strides, pads, group: channels, output_padding: rest };
  return [b.op('ConvTranspose', [gradient, parts], attributes)];
};

/** The largest of each window gets its gradient; MaxPool's second output says where that lies in the whole tensor. */
const maxPool: GradientRule = (view, gradient) => {
  poolingOf(view); // refuses what it does not cover
  const { builder: b } = view;
  // ScatterElements adds since then.
  if (b.opset < 16) throw refuse(view, `needs opset 16, and this is ${b.opset}`);
  const [values, places] = [b.name('MaxPool.again'), b.name('MaxPool.places')];
  b.nodes.push({
    ...view.node,
    name: values,
    outputs: [values, places],
    attributes: view.node.attributes.filter(({ name }) => name !== 'storage_order'),
  });
  const shape = view.inputShape(0);
  const count = shape.reduce((product, size) => product * size, 1);
  const zeros = b.expand(b.scalar(0), [count]);
  const flat = [b.reshape(places, [-1]), b.reshape(gradient, [-1])];
  const scattered = b.op('ScatterElements', [zeros, ...flat], { axis: 0, reduction: 'add' });
  return [b.reshape(scattered, shape)];
};

const globalAveragePool: GradientRule = (view, gradient) => {
  const shape = view.inputShape(0);
  const count = shape.slice(2).reduce((product, size) => product * size, 1);
  return [view.builder.expand(view.builder.scale(gradient, 1 / count), shape)];
};

export const resamplingRules: Readonly<Record<string, GradientRule>> = {
  Resize: resize,
  AveragePool: averagePool,
  MaxPool: maxPool,
  GlobalAveragePool: globalAveragePool,
};
