import { makeFloatTensor } from '../../onnx/build-graph.ts';
import type { TensorProto } from '../../onnx/proto.ts';
import type { Edit } from './apply-edit.ts';
import { asConvolution, weightsOf, type Convolution } from './convolution.ts';
import { EditBuilder } from './edit-builder.ts';
import type { GraphView } from './graph-view.ts';

/**
 * A 3×3×3 convolution of few channels as a 1×3×3 one with three times the outputs, and a sum along the first axis:
 *
 *   z[o, d] = Σₖ c[k, o, d + k − 1],   c[k, o] = Wₖ ∗ x.
 *
 * onnxruntime copies every input voxel once a tap before it multiplies; with few output channels that copying is
 * most of the work, and this way there is a third of it.
 *
 * The sum is one more convolution, over all of c as one row: seen so, the terms of z lie at equal distances. c gets a
 * slice of zeros after its last one, so that a term beyond either end of the axis is zero; the extra slice of z is cut off.
 *
 * @param mostBytes c is held as a whole; a larger one stays unmade
 */
export function findTaps(view: GraphView, mostBytes: number): Edit | null {
  for (const node of view.model.graph.nodes) {
    const conv = asConvolution(view, node);
    if (conv && pays(view, conv, mostBytes)) return stack(view, conv);
  }
  return null;
}

const taps = 3;

/**
 * In multiply-accumulates (onnxruntime 1.30, AVX2, two cores, 128³, 8 to 20 channels): copying an element once a tap,
 * and summing and storing one output element.
 */
const copyMacs = 7.6;
const sumMacs = 60;
/** Gains below this share of the convolution are noise. */
const leastGain = 0.1;
const leastVoxels = 2 ** 15;

function pays(view: GraphView, conv: Convolution, mostBytes: number): boolean {
  const { transposed, inputs, outputs, kernel, strides, dilations, pads } = conv;
  const axes = kernel.length;
  if (transposed || kernel[0] !== taps || strides[0] !== 1 || dilations[0] !== 1) return false;
  if (axes < 2 || pads[0] !== 1 || pads[axes] !== 1) return false;
  const [depth = 1, ...plane] = view.shape(conv.output).slice(2);
  const planeVoxels = plane.reduce((a, b) => a * b, 1);
  if (depth * planeVoxels < leastVoxels || 4 * taps * outputs * (depth + 1) * planeVoxels > mostBytes)
    return false;
  const columns = inputs * kernel.reduce((a, b) => a * b, 1);
  const gain = copyMacs * columns * (1 - 1 / taps) - sumMacs * outputs;
  return gain > leastGain * columns * (copyMacs + outputs);
}

function stack(view: GraphView, conv: Convolution): Edit {
  const { node, input, output, outputs, kernel, strides, dilations, pads } = conv;
  const [depth = 0, ...plane] = view.shape(output).slice(2);
  const slices = depth + 1;
  const voxels = plane.reduce((a, b) => a * b, 1);
  const build = new EditBuilder(view, output);
  const inputs = [input, build.constant(stackedWeights(view, conv))];
  // Every voxel of z has a middle tap, so that one carries the bias.
  const bias = node.inputs[2];
  if (bias) {
    const zeros = build.floats('zeros', [outputs], new Float32Array(outputs));
    inputs.push(build.node('Concat', [zeros, bias, zeros], 'stacked_bias', { axis: 0 }));
  }
  const stacked = build.node('Conv', inputs, 'stacked', {
    kernel_shape: [1, ...kernel.slice(1)],
    strides,
    dilations,
    pads: pads.map((pad, at) => (at === 0 ? 0 : pad)),
  });
  const row = build.reshape(stacked, 'row', [1, 1, -1]);
  const ones = build.floats('ones', [1, 1, taps], new Float32Array(taps).fill(1));
  const sum = build.node('Conv', [row, ones], 'sum', {
    kernel_shape: [taps],
    dilations: [(outputs * slices + 1) * voxels],
    pads: [voxels, voxels],
  });
  const whole = build.reshape(sum, 'whole', [1, outputs, slices, ...plane.slice(0, -1), -1]);
  build.slice(whole, 'cut', [0, depth], 2, output);
  return build.edit([node]);
}

/** [outputs, inputs, 3, …] to [3 · outputs, inputs, 1, …]. */
function stackedWeights(view: GraphView, conv: Convolution): TensorProto {
  const { inputs, outputs, kernel } = conv;
  const source = weightsOf(conv);
  const plane = kernel.slice(1).reduce((a, b) => a * b, 1);
  const pairs = inputs * outputs;
  const data = new Float32Array(source.length);
  for (let k = 0; k < taps; k++)
    for (let pair = 0; pair < pairs; pair++) {
      const from = (pair * taps + k) * plane;
      data.set(source.subarray(from, from + plane), (k * pairs + pair) * plane);
    }
  const name = view.freshName(`${conv.weight.name}.stacked`);
  return makeFloatTensor(name, [taps * outputs, inputs, 1, ...kernel.slice(1)], data);
}
