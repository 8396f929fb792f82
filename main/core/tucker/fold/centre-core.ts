import type { Edit } from './apply-edit.ts';
import { asConvolution, weightsOf, type Convolution } from './convolution.ts';
import { EditBuilder } from './edit-builder.ts';
import { expansionOf, isFoldable } from './fold-norm.ts';
import type { GraphView } from './graph-view.ts';

/**
 * Takes the mean out of what a norm is to be folded into (see fold-norm). The covariance E[z zᵀ] − m mᵀ loses digits
 * where |m| is large beside the deviation, and a constant added to z changes nothing after the norm. So the
 * convolution that makes z gets the bias −(Σₖ Wₖ) x̄, with x̄ the mean of its own input, taken
 * from some of its slices when the graph runs: what is left of m comes from the others and from the borders.
 */
export function findUncentred(view: GraphView): Edit | null {
  for (const node of view.model.graph.nodes) {
    const expansion = expansionOf(view, node);
    const core = expansion && coreOf(view, expansion);
    if (core && isFoldable(view, expansion, node)) return centre(view, core);
  }
  return null;
}

function coreOf(view: GraphView, expansion: Convolution): Convolution | null {
  const core = asConvolution(view, view.producer(expansion.input));
  if (!core || core.transposed || core.node.inputs[2]) return null;
  return view.soleConsumer(expansion.input) === expansion.node ? core : null;
}

function centre(view: GraphView, core: Convolution): Edit {
  const { node, output, inputs, outputs } = core;
  const build = new EditBuilder(view, output);
  const mean = build.mean(sample(view, build, core), 'input_mean', 1, 1);
  const source = weightsOf(core);
  const taps = source.length / (inputs * outputs);
  const response = Float32Array.from({ length: inputs * outputs }, (_, pair) => {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum -= source[pair * taps + k] ?? 0;
    return sum;
  });
  const column = build.node(
    'MatMul',
    [build.floats('response', [outputs, inputs], response), mean],
    'column',
  );
  const [data = '', weight = ''] = node.inputs;
  build.push({ ...node, inputs: [data, weight, build.reshape(column, 'centre', [outputs])] });
  return build.edit([node]);
}

const sampledSlices = 16;

/** The input at some slices, [inputs, voxels]. */
function sample(view: GraphView, build: EditBuilder, { input, inputs }: Convolution): string {
  const depth = view.shape(input)[2] ?? 1;
  const step = Math.max(1, Math.floor(depth / sampledSlices));
  const slices = Math.ceil(depth / step);
  const from = build.ints('from', [Math.floor((depth - (slices - 1) * step - 1) / 2)]);
  const rest = [build.ints('to', [depth]), build.ints('axis', [2]), build.ints('step', [step])];
  const sampled = step === 1 ? input : build.node('Slice', [input, from, ...rest], 'sampled');
  return build.reshape(sampled, 'sample', [inputs, -1]);
}
