import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/node-attributes.ts';
import { positiveAxis, range, refuse, sumTo, type GradientRule, type GradientView } from './gradient-rule.ts';

const concat: GradientRule = (view, gradient) => {
  const axis = positiveAxis(intAttribute(view.node, 'axis', 0), view.outputShape(0).length);
  let from = 0;
  return view.node.inputs.map((_, index) => {
    const to = from + view.inputShape(index)[axis]!;
    const part = view.wants(index) ? view.builder.slice(gradient, [axis], [from], [to]) : undefined;
    from = to;
    return part;
  });
};

/** The gradient goes where the slice was taken from, and zeros around it. */
const slice: GradientRule = (view, gradient) => {
  const shape = view.inputShape(0);
  const starts = view.constant(1);
  const axes = view.node.inputs[3] ? view.constant(3) : range(starts.length);
  const steps = view.node.inputs[4] ? view.constant(4) : starts.map(() => 1);
  if (steps.some((step) => step !== 1)) throw refuse(view, 'leaves entries out between those that it takes');
  const before = shape.map(() => 0);
  axes.forEach((given, index) => {
    const axis = positiveAxis(given, shape.length);
    const size = shape[axis]!;
    const start = starts[index]!;
    before[axis] = Math.min(size, Math.max(0, start < 0 ? start + size : start));
  });
  const after = shape.map((size, axis) => size - before[axis]! - view.outputShape(0)[axis]!);
  return [view.builder.pad(gradient, before, after)];
};

const pad: GradientRule = (view, gradient) => {
  const mode = stringAttribute(view.node, 'mode', 'constant');
  if (mode !== 'constant') throw refuse(view, `pads by ${mode}, whose gradient is not known`);
  if (view.node.inputs[3]) throw refuse(view, 'pads some axes by name, which is not supported');
  const shape = view.inputShape(0);
  const pads = view.constant(1);
  if (pads.some((count) => count < 0)) throw refuse(view, 'cuts instead of padding');
  const axes = range(shape.length);
  const from = axes.map((axis) => pads[axis]!);
  return [
    view.builder.slice(
      gradient,
      axes,
      from,
      axes.map((axis) => from[axis]! + shape[axis]!),
    ),
  ];
};

const sameElements: GradientRule = (view, gradient) => [view.builder.reshape(gradient, view.inputShape(0))];

const transpose: GradientRule = (view, gradient) => {
  const rank = view.inputShape(0).length;
  const perm = intsAttribute(view.node, 'perm') ?? range(rank).reverse();
  return [
    view.builder.transpose(
      gradient,
      range(rank).map((axis) => perm.indexOf(axis)),
    ),
  ];
};

/** Each entry was repeated: its gradients are summed. */
const expand: GradientRule = ({ builder, inputShape, outputShape }, gradient) => [
  sumTo(builder, gradient, outputShape(0), inputShape(0)),
];

/** A sum or mean over axes: the gradient is repeated along them. */
function reduction(share: (count: number) => number): GradientRule {
  return (view, gradient) => {
    const shape = view.inputShape(0);
    const gone = axesOf(view, shape.length);
    const kept = shape.map((size, axis) => (gone.includes(axis) ? 1 : size));
    const count = gone.reduce((product, axis) => product * shape[axis]!, 1);
    const { builder: b } = view;
    return [b.expand(b.reshape(b.scale(gradient, share(count)), kept), shape)];
  };
}

function axesOf(view: GradientView, rank: number): readonly number[] {
  const given = intsAttribute(view.node, 'axes') ?? (view.node.inputs[1] ? view.constant(1) : range(rank));
  return given.map((axis) => positiveAxis(axis, rank));
}

export const layoutRules: Readonly<Record<string, GradientRule>> = {
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Reshape: sameElements,
  Flatten: sameElements,
  Squeeze: sameElements,
  Unsqueeze: sameElements,
  Transpose: transpose,
  Expand: expand,
  ReduceSum: reduction(() => 1),
  ReduceMean: reduction((count) => 1 / count),
};
