import { makeFloatTensor } from '../../onnx/build-graph.ts';
import type { TensorProto } from '../../onnx/proto.ts';
import type { Edit } from './apply-edit.ts';
import { asConvolution, biasOf, isTiling, weightsOf, type Convolution } from './convolution.ts';
import { EditBuilder } from './edit-builder.ts';
import type { GraphView } from './graph-view.ts';

/**
 * A transposed convolution with kernel = stride as 1×1×1 convolutions and a reordering: output voxel s·p + k is
 * W[:, :, k]ᵀ x[p] + b. onnxruntime's own multiplies the same way and then adds overlapping windows, on one thread.
 *
 * The reordering along the last axis moves single elements, which a Transpose of all axes at once does slowly. So each
 * offset along that axis gets a convolution of its own and Concat interleaves them; the Transpose of the other axes
 * then moves whole rows.
 */
export function findTransposed(view: GraphView): Edit | null {
  for (const node of view.model.graph.nodes) {
    const conv = asConvolution(view, node);
    if (conv && isTiling(conv) && !conv.biasIsComputed) return shuffle(view, conv);
  }
  return null;
}

function shuffle(view: GraphView, conv: Convolution): Edit {
  const { input, output, outputs, kernel } = conv;
  const space = view.shape(input).slice(2);
  const axes = space.length;
  const offsets = kernel.slice(0, -1);
  const last = kernel[axes - 1] ?? 1;
  const rows = product(offsets, outputs);
  const build = new EditBuilder(view, output);
  const bias = conv.bias && build.constant(repeatedBias(view, conv, rows));

  const columns = Array.from({ length: last }, (_, offset) => {
    const inputs = [input, build.constant(phaseWeights(view, conv, offset)), ...(bias ? [bias] : [])];
    const phase = build.node('Conv', inputs, 'phase', { kernel_shape: kernel.map(() => 1) });
    return build.reshape(phase, 'column', [rows, ...space.slice(0, -1), -1, 1]);
  });
  const joined = last === 1 ? columns[0] : build.node('Concat', columns, 'joined', { axis: axes + 1 });
  // [outputs, k₀ … kₙ₋₂, p₀ … pₙ₋₂, row] to [outputs, p₀, k₀, …, row]
  const blocks = build.reshape(joined, 'blocks', [outputs, ...offsets, ...space.slice(0, -1), -1]);
  const perm = [0, ...offsets.flatMap((_, axis) => [axes + axis, 1 + axis]), 2 * axes - 1];
  const turned = build.node('Transpose', [blocks], 'turned', { perm });
  build.reshape(turned, 'shape', [...view.shape(output).slice(0, -1), -1], output);
  return build.edit([conv.node]);
}

/** Weights [outputs · offsets of the other axes, inputs, 1 …] for one offset along the last axis. */
function phaseWeights(view: GraphView, conv: Convolution, offset: number): TensorProto {
  const { inputs, outputs, kernel } = conv;
  const last = kernel[kernel.length - 1] ?? 1;
  const rows = product(kernel, outputs) / last;
  const source = weightsOf(conv);
  const data = new Float32Array(rows * inputs);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < inputs; i++) data[row * inputs + i] = source[(i * rows + row) * last + offset];
  return makeFloatTensor(
    view.freshName(`${conv.weight.name}.phase`),
    [rows, inputs, ...kernel.map(() => 1)],
    data,
  );
}

/** Each output's bias once an offset of the axes but the last. */
function repeatedBias(view: GraphView, conv: Convolution, rows: number): TensorProto {
  const bias = biasOf(conv);
  const offsets = rows / conv.outputs;
  const data = Float32Array.from({ length: rows }, (_, row) => bias?.[Math.floor(row / offsets)] ?? 0);
  return makeFloatTensor(view.freshName(`${conv.output}.bias`), [rows], data);
}

function product(sizes: readonly number[], start: number): number {
  return sizes.reduce((total, size) => total * size, start);
}
