import { makeNode } from '../../onnx/build-graph.ts';
import { operatorName } from '../../onnx/infer-shapes.ts';
import { floatAttribute } from '../../onnx/node-attributes.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import { tensorFloats } from '../../onnx/tensor-data.ts';
import type { Edit } from './apply-edit.ts';
import { asConvolution, isPointwise, weightsOf, type Convolution } from './convolution.ts';
import { EditBuilder } from './edit-builder.ts';
import type { GraphView } from './graph-view.ts';
import { uncut } from './uncut.ts';

/**
 * InstanceNormalization after an expansion y = U z + c, computed on the r channels of z instead of the C > r of y.
 * With mean m and covariance S of z over the voxels, channel o of y has mean uₒᵀm + cₒ and variance uₒᵀ S uₒ, so
 *
 *   γₒ (yₒ − mean) / √(variance + ε) + βₒ = sₒ uₒᵀ z + (βₒ − sₒ uₒᵀ m),   sₒ = γₒ / √(uₒᵀ S uₒ + ε):
 *
 * the norm becomes rows sₒ uₒᵀ and a bias that the graph computes when it runs, and c cancels. A pass over C channels
 * is saved, and the activation that follows is next to a convolution, with which onnxruntime fuses it.
 */
export function findNorm(view: GraphView): Edit | null {
  for (const node of view.model.graph.nodes) {
    const expansion = expansionOf(view, node);
    if (expansion && isFoldable(view, expansion, node)) return foldNorm(view, expansion, node);
  }
  return null;
}

/** Below this many elements a pass over them costs less than the small nodes that would save it. */
const leastElements = 2 ** 16;

/** The expansion right before an InstanceNormalization. */
export function expansionOf(view: GraphView, norm: NodeProto): Convolution | null {
  if (operatorName(norm) !== 'InstanceNormalization') return null;
  const conv = asConvolution(view, view.producer(norm.inputs[0]));
  return conv && isPointwise(conv) && view.soleConsumer(conv.output) === norm ? conv : null;
}

export function isFoldable(view: GraphView, expansion: Convolution, norm: NodeProto): boolean {
  const elements = view.shape(expansion.output).reduce((a, b) => a * b, 1);
  const constants = view.constant(norm.inputs[1]) && view.constant(norm.inputs[2]);
  return constants !== null && expansion.inputs < expansion.outputs && elements >= leastElements;
}

function foldNorm(view: GraphView, expansion: Convolution, norm: NodeProto): Edit {
  const { node, input, inputs: rank, outputs: channels, kernel } = expansion;
  const [output = ''] = norm.outputs;
  const build = new EditBuilder(view, output);
  const parameter = (part: string, name: string | undefined) => {
    const tensor = view.constant(name);
    return build.floats(part, [channels, 1], tensor ? tensorFloats(tensor) : new Float32Array(channels));
  };
  const { mean, covariance } = moments(view, build, input);
  const factor = build.floats('factor', [channels, rank], weightsOf(expansion));
  const projected = build.node('MatMul', [factor, covariance], 'projected');
  const products = build.node('Mul', [projected, factor], 'products');
  const ones = build.floats('ones', [rank, 1], new Float32Array(rank).fill(1));
  const variance = build.node('MatMul', [products, ones], 'variance');
  // Rounding can leave a variance of zero a little below it.
  const positive = build.node('Relu', [variance], 'positive');
  const epsilon = build.floats('epsilon', [1], Float32Array.of(floatAttribute(norm, 'epsilon', 1e-5)));
  const deviation = build.node('Sqrt', [build.node('Add', [positive, epsilon], 'shifted')], 'deviation');
  const scales = build.node('Div', [parameter('scale', norm.inputs[1]), deviation], 'scales');

  const rows = build.node('Mul', [factor, scales], 'rows');
  const weight = build.reshape(rows, 'weight', [channels, rank, ...kernel]);
  const means = build.node('MatMul', [rows, mean], 'means');
  const offsets = build.node('Sub', [parameter('shift', norm.inputs[2]), means], 'offsets');
  const bias = build.reshape(offsets, 'bias', [channels]);
  build.push(makeNode('Conv', [input, weight, bias], [output], { kernel_shape: kernel }));
  return build.edit([node, norm]);
}

interface Moments {
  /** [r, 1] */
  readonly mean: string;
  /** [r, r] */
  readonly covariance: string;
}

/**
 * Mean and covariance over the voxels, slice by slice and then over the slices, which keeps sums in single precision
 * short. (onnxruntime makes one node of the two Transposes and the MatMul, which copies nothing.)
 */
function moments(view: GraphView, build: EditBuilder, value: string): Moments {
  const whole = uncut(view, value);
  const [, rank = 0, slices = 0, ...plane] = view.shape(whole);
  const depth = view.shape(value)[2] ?? 0;
  const voxels = plane.reduce((a, b) => a * b, 1);
  const cut = (name: string, axis: number) =>
    slices === depth ? name : build.slice(name, 'cut', [0, depth], axis);
  const flat = build.reshape(whole, 'flat', [rank, slices, -1]);
  const left = build.node('Transpose', [flat], 'left', { perm: [1, 0, 2] });
  const right = build.node('Transpose', [flat], 'right', { perm: [1, 2, 0] });
  const grams = build.node('MatMul', [left, right], 'grams');
  const perVoxel = build.floats('per_voxel', [1], Float32Array.of(1 / voxels));
  const gram = build.node('Mul', [build.mean(cut(grams, 0), 'gram', 0, 0), perVoxel], 'second_moment');
  const mean = build.mean(cut(build.mean(flat, 'slice_means', 2, 1), 1), 'mean', 1, 0);
  const square = build.node('Gemm', [mean, mean], 'square', { transB: 1 });
  return { mean, covariance: build.node('Sub', [gram, square], 'covariance') };
}
