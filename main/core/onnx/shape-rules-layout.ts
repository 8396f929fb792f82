import type { NodeView, Shape, ShapeRule } from './infer-shapes.ts';
import { describeNode, intAttribute, intsAttribute, tensorAttribute } from './node-attributes.ts';
import { OnnxFormatError } from './onnx-format-error.ts';
import { broadcast } from './shape-rules-elementwise.ts';
import { smallConstant } from './tensor-data.ts';

function refuse(view: NodeView, why: string): OnnxFormatError {
  return new OnnxFormatError(`${describeNode(view.node)} ${why}`);
}

/** `axis` of a shape of `rank` axes, counted from the end where negative. */
function axisOf(view: NodeView, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!(index >= 0 && index < rank)) throw refuse(view, `has no axis ${axis}`);
  return index;
}

/** A list that older opsets give as an attribute and newer ones as an input; null where it is left out. */
function listOf(view: NodeView, attribute: string, input: number): readonly number[] | null {
  const declared = intsAttribute(view.node, attribute);
  if (declared || !view.hasInput(input)) return declared;
  const constant = view.constant(input);
  if (!constant) throw refuse(view, `computes its ${attribute} from the image`);
  return constant;
}

const concat: ShapeRule = (view) => {
  const shapes = view.node.inputs.map((_, i) => view.shape(i));
  const first = shapes[0] ?? [];
  const axis = axisOf(view, intAttribute(view.node, 'axis', 1), first.length);
  if (shapes.some((s) => s.length !== first.length || s.some((n, a) => a !== axis && n !== first[a])))
    throw refuse(view, `cannot join ${shapes.map((s) => s.join(' × ')).join(' and ')}`);
  const size = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  const parts = view.node.inputs.map((_, i) => view.constant(i));
  const constant = parts.every((part) => part !== null) ? parts.flat() : null;
  return {
    shapes: [first.map((n, a) => (a === axis ? size : n))],
    ...(constant && first.length === 1 && { constant }),
  };
};

const split: ShapeRule = (view) => {
  const input = view.shape(0);
  const axis = axisOf(view, intAttribute(view.node, 'axis', 0), input.length);
  const count = view.node.outputs.length;
  const even = Math.ceil((input[axis] ?? 0) / count);
  const sizes =
    listOf(view, 'split', 1) ??
    view.node.outputs.map((_, i) => Math.min(even, (input[axis] ?? 0) - even * i));
  if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== input[axis])
    throw refuse(view, `cannot split ${input[axis]} into ${sizes.join(' + ')}`);
  return { shapes: sizes.map((size) => input.map((n, a) => (a === axis ? size : n))) };
};

const slice: ShapeRule = (view) => {
  const input = view.shape(0);
  const starts = listOf(view, 'starts', 1) ?? [];
  const ends = listOf(view, 'ends', 2) ?? [];
  const axes = listOf(view, 'axes', 3) ?? starts.map((_, i) => i);
  const steps = listOf(view, 'steps', 4) ?? starts.map(() => 1);
  const shape = [...input];
  let constant = view.constant(0);
  axes.forEach((given, i) => {
    const axis = axisOf(view, given, input.length);
    const size = input[axis] ?? 0;
    const step = steps[i] ?? 1;
    if (step === 0) throw refuse(view, 'steps by nothing');
    // Backwards, a slice ends before its first entry, at −1 (ONNX Slice, "clamped").
    const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (index: number) => Math.min(most, Math.max(least, index < 0 ? index + size : index));
    const from = clamp(starts[i] ?? 0);
    const to = clamp(ends[i] ?? size);
    shape[axis] = Math.max(0, Math.ceil((to - from) / step));
    constant =
      constant && input.length === 1 && step > 0
        ? constant.slice(from, to).filter((_, k) => k % step === 0)
        : null;
  });
  return { shapes: [shape], ...(constant && { constant }) };
};

const pad: ShapeRule = (view) => {
  const input = view.shape(0);
  const pads = listOf(view, 'pads', 1) ?? [];
  if (pads.length !== 2 * input.length)
    throw refuse(view, `has ${pads.length} pads for ${input.length} axes`);
  return { shapes: [input.map((n, a) => n + (pads[a] ?? 0) + (pads[a + input.length] ?? 0))] };
};

/** Resize (opset 10: X, scales; since 11: X, roi, scales, sizes) and its forerunner Upsample. */
const resize: ShapeRule = (view) => {
  const input = view.shape(0);
  const sizes = view.hasInput(3) ? listOf(view, 'sizes', 3) : null;
  const scalesAt = view.opset < 11 ? 1 : 2;
  const scales = sizes ? null : listOf(view, 'scales', scalesAt);
  const given = sizes ?? scales;
  if (given?.length !== input.length) throw refuse(view, `needs a size or a scale for ${input.length} axes`);
  return { shapes: [sizes ?? input.map((n, a) => Math.floor(n * (given[a] ?? 1)))] };
};

const reshape: ShapeRule = (view) => {
  const input = view.shape(0);
  const target = listOf(view, 'shape', 1);
  if (!target) throw refuse(view, 'has no shape');
  const keepZero = intAttribute(view.node, 'allowzero', 0) === 1;
  const known = target.map((n, a) => (n === 0 && !keepZero ? (input[a] ?? 0) : n));
  const total = input.reduce((a, b) => a * b, 1);
  const rest = known.filter((n) => n !== -1).reduce((a, b) => a * b, 1);
  const shape = known.map((n) => (n === -1 ? total / rest : n));
  if (shape.reduce((a, b) => a * b, 1) !== total)
    throw refuse(view, `cannot make ${input.join(' × ')} into ${target.join(' × ')}`);
  const constant = view.constant(0);
  return { shapes: [shape], ...(constant && { constant }) };
};

const transpose: ShapeRule = (view) => {
  const input = view.shape(0);
  const order = intsAttribute(view.node, 'perm') ?? input.map((_, a) => input.length - 1 - a);
  if ([...order].sort((a, b) => a - b).join() !== input.map((_, a) => a).join())
    throw refuse(view, `has the impossible order ${order.join()}`);
  return { shapes: [order.map((axis) => input[axis] ?? 0)] };
};

const flatten: ShapeRule = (view) => {
  const input = view.shape(0);
  const axis = intAttribute(view.node, 'axis', 1);
  const product = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
  return { shapes: [[product(input.slice(0, axis)), product(input.slice(axis))]] };
};

const squeeze: ShapeRule = (view) => {
  const input = view.shape(0);
  const axes = listOf(view, 'axes', 1)?.map((axis) => axisOf(view, axis, input.length));
  const shape = input.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
  const constant = view.constant(0);
  return { shapes: [shape], ...(constant && { constant }) };
};

const unsqueeze: ShapeRule = (view) => {
  const shape = [...view.shape(0)];
  const given = listOf(view, 'axes', 1) ?? [];
  const rank = shape.length + given.length;
  const axes = given.map((axis) => axisOf(view, axis, rank)).sort((a, b) => a - b);
  for (const axis of axes) shape.splice(axis, 0, 1);
  const constant = view.constant(0);
  return { shapes: [shape], ...(constant && { constant }) };
};

const gather: ShapeRule = (view) => {
  const data = view.shape(0);
  const indices = view.shape(1);
  const axis = axisOf(view, intAttribute(view.node, 'axis', 0), data.length);
  const shapes = [[...data.slice(0, axis), ...indices, ...data.slice(axis + 1)]];
  const from = view.constant(0);
  const at = view.constant(1);
  if (!from || !at || data.length !== 1) return { shapes };
  return { shapes, constant: at.map((i) => from[i < 0 ? i + from.length : i] ?? 0) };
};

const shapeOf: ShapeRule = (view) => {
  const input = view.shape(0);
  const end = intAttribute(view.node, 'end', input.length);
  const constant = input.slice(intAttribute(view.node, 'start', 0), end);
  return { shapes: [[constant.length]], constant };
};

const constantNode: ShapeRule = (view) => {
  const tensor = tensorAttribute(view.node, 'value');
  if (tensor) {
    const constant = smallConstant(tensor);
    return { shapes: [tensor.dims], ...(constant && { constant }) };
  }
  const [attribute] = view.node.attributes;
  const list = attribute?.name?.endsWith('s') ? [...attribute.ints, ...attribute.floats] : null;
  const single = attribute?.i ?? attribute?.f;
  if (list) return { shapes: [[list.length]], constant: list };
  if (single === undefined) throw refuse(view, 'holds neither numbers nor a tensor');
  return { shapes: [[]], constant: [single] };
};

const constantOfShape: ShapeRule = (view) => {
  const shape = listOf(view, 'shape', 0) ?? [];
  const tensor = tensorAttribute(view.node, 'value');
  const value = (tensor && smallConstant(tensor)?.[0]) ?? 0;
  const count = shape.reduce((a, b) => a * b, 1);
  return { shapes: [shape], ...(count <= 8 && { constant: new Array<number>(count).fill(value) }) };
};

const expand: ShapeRule = (view) => ({
  shapes: [broadcast(view, [view.shape(0), listOf(view, 'shape', 1) ?? []])],
});

const reduce: ShapeRule = (view) => {
  const input = view.shape(0);
  const axes = listOf(view, 'axes', 1)?.map((axis) => axisOf(view, axis, input.length));
  const gone = (axis: number) => !axes || axes.includes(axis);
  const keep = intAttribute(view.node, 'keepdims', 1) === 1;
  return { shapes: [input.flatMap((size, axis) => (gone(axis) ? (keep ? [1] : []) : [size]))] };
};

const argExtreme: ShapeRule = (view) => {
  const input = view.shape(0);
  const axis = axisOf(view, intAttribute(view.node, 'axis', 0), input.length);
  const keep = intAttribute(view.node, 'keepdims', 1) === 1;
  return { shapes: [input.flatMap((size, a) => (a === axis ? (keep ? [1] : []) : [size]))] };
};

export const layoutRules: Readonly<Record<string, ShapeRule>> = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  Reshape: reshape,
  Transpose: transpose,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Gather: gather,
  Shape: shapeOf,
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  Expand: expand,
  ReduceMean: reduce,
  ReduceSum: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceL2: reduce,
  ScatterElements: (view) => ({ shapes: [view.shape(0)] }),
  ArgMax: argExtreme,
  ArgMin: argExtreme,
};
