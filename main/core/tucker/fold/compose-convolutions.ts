import { makeFloatTensor } from '../../onnx/build-graph.ts';
import { multiplyMatrices, type Matrix } from '../../tensor/matrix-product.ts';
import type { Edit } from './apply-edit.ts';
import { asConvolution, biasOf, isPointwise, weightsOf, type Convolution } from './convolution.ts';
import { expansionOf, isFoldable } from './fold-norm.ts';
import type { GraphView } from './graph-view.ts';

/**
 * Two convolutions with nothing between, one of them 1×1×1, as one where that is less work. Both are linear, so their
 * matrices multiply:
 *
 * - any, then 1×1×1 with V, c: V(W ∗ x + b) + c = (V·W) ∗ x + (V·b + c), V acting on the output channels of W. So a
 *   reduction folds into the factor before it, and into a transposed convolution.
 * - 1×1×1 with V and no bias, then any: W ∗ (V x) = (W·V) ∗ x, V acting on the input channels of W; the zeros of the
 *   padding are zeros on both sides.
 */
export function findComposition(view: GraphView): Edit | null {
  for (const node of view.model.graph.nodes) {
    const first = asConvolution(view, node);
    const second = first && asConvolution(view, view.soleConsumer(first.output));
    if (!first || !second || second.input !== first.output) continue;
    if (first.biasIsComputed || second.biasIsComputed) continue;
    const edit = isPointwise(second)
      ? afterwards(view, first, second)
      : isPointwise(first) && !first.bias
        ? before(view, first, second)
        : null;
    if (edit) return edit;
  }
  return null;
}

function afterwards(view: GraphView, first: Convolution, second: Convolution): Edit | null {
  if (isNormalisedExpansion(view, second)) return null;
  const merged = { ...first, outputs: second.outputs, output: second.output };
  if (work(view, merged) > work(view, first) + work(view, second)) return null;
  const matrix = toMatrix(weightsOf(second), second.outputs);
  const biases = [first, second].map(biasOf);
  const bias =
    biases[0] || biases[1]
      ? Float32Array.from({ length: second.outputs }, (_, o) => {
          let sum = biases[1]?.[o] ?? 0;
          biases[0]?.forEach((b, i) => (sum += matrix.data[o * first.outputs + i] * b));
          return sum;
        })
      : null;
  return replace(view, first, second, first, onChannels(first, matrix, 'outputs'), bias);
}

/** Left by itself: a norm folds into it (fold-norm), which saves more. */
function isNormalisedExpansion(view: GraphView, conv: Convolution): boolean {
  const norm = view.soleConsumer(conv.output);
  return norm !== null && expansionOf(view, norm) !== null && isFoldable(view, conv, norm);
}

function before(view: GraphView, first: Convolution, second: Convolution): Edit | null {
  const merged = { ...second, inputs: first.inputs, input: first.input };
  if (work(view, merged) > work(view, first) + work(view, second)) return null;
  const matrix = toMatrix(weightsOf(first), first.outputs);
  return replace(view, first, second, second, onChannels(second, matrix, 'inputs'), biasOf(second));
}

/** One convolution for two, with the operator and window of `model`. */
function replace(
  view: GraphView,
  first: Convolution,
  second: Convolution,
  { node, weight }: Convolution,
  { dims, data }: Weights,
  bias: Float32Array | null,
): Edit {
  const initializers = [makeFloatTensor(view.freshName(`${weight.name}.composed`), dims, data)];
  if (bias)
    initializers.push(makeFloatTensor(view.freshName(`${weight.name}.composed.bias`), [bias.length], bias));
  const inputs = [first.input, ...initializers.map(({ name }) => name ?? '')];
  const composed = { ...node, inputs, outputs: [second.output] };
  return { remove: [first.node, second.node], add: [composed], initializers };
}

/**
 * What moving one element through memory costs, in multiply-accumulates (onnxruntime 1.30, two cores, 128³: about
 * 95 GMAC/s, and 0.2 ns an element that a 1×1×1 convolution makes and the next one reads). A transposed convolution
 * also puts its output in order.
 */
const macsPerElement = { Conv: 16, ConvTranspose: 48 };

function work(view: GraphView, { transposed, inputs, outputs, input, output, kernel }: Convolution): number {
  const voxels = (name: string) => product(view.shape(name).slice(2));
  const macs = voxels(transposed ? input : output) * inputs * outputs * product(kernel);
  return macs + voxels(output) * outputs * macsPerElement[transposed ? 'ConvTranspose' : 'Conv'];
}

interface Weights {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The weights after (`outputs`: M·W) or before (`inputs`: W·M) a matrix on the channels. */
function onChannels(conv: Convolution, matrix: Matrix, side: 'inputs' | 'outputs'): Weights {
  const [rows = 0, columns = 0, ...kernel] = conv.weight.dims;
  const taps = product(kernel);
  const source = weightsOf(conv);
  const rowsAreOutputs = !conv.transposed;
  if ((side === 'outputs') === rowsAreOutputs) {
    const unfolded: Matrix = { rows, columns: columns * taps, data: Float64Array.from(source) };
    const { rows: newRows, data } =
      side === 'outputs' ? multiplyMatrices(matrix, unfolded) : multiplyMatrices(matrix, unfolded, 'left');
    return { dims: [newRows, columns, ...kernel], data: Float32Array.from(data) };
  }
  // Channels of the second axis: one product a row, [columns, taps] each.
  const newColumns = side === 'outputs' ? matrix.rows : matrix.columns;
  const data = new Float32Array(rows * newColumns * taps);
  for (let row = 0; row < rows; row++) {
    const from = row * columns * taps;
    const slice: Matrix = {
      rows: columns,
      columns: taps,
      data: Float64Array.from(source.subarray(from, from + columns * taps)),
    };
    const mixed = multiplyMatrices(matrix, slice, side === 'outputs' ? 'none' : 'left');
    data.set(mixed.data, row * newColumns * taps);
  }
  return { dims: [rows, newColumns, ...kernel], data };
}

function toMatrix(data: Float32Array, rows: number): Matrix {
  return { rows, columns: data.length / rows, data: Float64Array.from(data) };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
