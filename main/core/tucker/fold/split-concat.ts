import { makeFloatTensor } from '../../onnx/build-graph.ts';
import { operatorName } from '../../onnx/infer-shapes.ts';
import { intAttribute } from '../../onnx/node-attributes.ts';
import type { NodeProto, TensorProto } from '../../onnx/proto.ts';
import type { Edit } from './apply-edit.ts';
import { asConvolution, weightsOf, type Convolution } from './convolution.ts';
import { EditBuilder } from './edit-builder.ts';
import type { GraphView } from './graph-view.ts';

/**
 * A convolution of joined channels is the sum of a convolution of each part: W ∗ [x; y] + b = (Wₓ ∗ x + b) + W_y ∗ y.
 * So the join, a pass over memory, vanishes, and a reduction that followed it folds further into the branch that its
 * part lands on.
 */
export function findConcat(view: GraphView): Edit | null {
  for (const node of view.model.graph.nodes) {
    const users = isJoin(view, node) ? view.consumers(node.outputs[0]) : [];
    const convolutions = users.map((user) => asConvolution(view, user)).filter((conv) => conv !== null);
    if (users.length === 0 || convolutions.length < users.length) continue;
    if (!convolutions.every(({ transposed, input }) => !transposed && input === node.outputs[0])) continue;
    const edits = convolutions.map((conv) => splitConvolution(view, conv, node.inputs));
    return {
      remove: [node, ...users],
      add: edits.flatMap(({ add }) => add),
      initializers: edits.flatMap(({ initializers }) => initializers),
    };
  }
  return null;
}

/** A Concat of channels of at least two values, not an output of the graph. */
function isJoin(view: GraphView, node: NodeProto): boolean {
  const axis = operatorName(node) === 'Concat' ? intAttribute(node, 'axis', 1) : 0;
  return axis === 1 && node.inputs.length > 1 && !view.isOutput(node.outputs[0]);
}

function splitConvolution(view: GraphView, conv: Convolution, parts: readonly string[]): Edit {
  const build = new EditBuilder(view, conv.output);
  let channel = 0;
  const terms = parts.map((part, i) => {
    const channels = view.shape(part)[1] ?? 0;
    const inputs = [part, build.constant(sliceOf(view, conv, channel, channels))];
    channel += channels;
    const bias = conv.node.inputs[2];
    if (i === 0 && bias) inputs.push(bias);
    const made = build.name('part');
    build.push({ ...conv.node, name: made, inputs, outputs: [made] });
    return made;
  });
  terms.reduce((sum, term, i) =>
    build.node('Add', [sum, term], 'sum', {}, i === terms.length - 1 ? conv.output : undefined),
  );
  return build.edit([conv.node]);
}

/** Input channels [from, from + count) of the weights. */
function sliceOf(view: GraphView, conv: Convolution, from: number, count: number): TensorProto {
  const [rows = 0, columns = 0, ...kernel] = conv.weight.dims;
  const taps = kernel.reduce((a, b) => a * b, 1);
  const source = weightsOf(conv);
  const data = new Float32Array(rows * count * taps);
  for (let row = 0; row < rows; row++) {
    const at = (row * columns + from) * taps;
    data.set(source.subarray(at, at + count * taps), row * count * taps);
  }
  return makeFloatTensor(view.freshName(`${conv.weight.name}.part`), [rows, count, ...kernel], data);
}
