import type { NodeView, Shape, ShapeRule } from './infer-shapes.ts';
import { describeNode, intAttribute } from './node-attributes.ts';
import { OnnxFormatError } from './onnx-format-error.ts';
import { dataType } from './proto.ts';

/** Numpy broadcasting of all inputs (ONNX "Multidirectional Broadcasting"). Throws OnnxFormatError. */
export function broadcast(view: NodeView, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size))
      throw new OnnxFormatError(
        `${describeNode(view.node)} cannot join ${shapes.map((s) => s.join(' × ')).join(' and ')}`,
      );
    return size;
  });
}

const unary: ShapeRule = (view) => {
  const shape = view.shape(0);
  return { shapes: view.node.outputs.map(() => shape) };
};

/** An operator that sizes are computed with: followed where its inputs are known. NaN: the result is not. */
function followed(compute: (a: number, b: number) => number): ShapeRule {
  return (view) => {
    const shapes = [broadcast(view, [view.shape(0), view.shape(1)])];
    const left = view.constant(0);
    const right = view.constant(1);
    if (!left || !right || (left.length !== right.length && left.length !== 1 && right.length !== 1))
      return { shapes };
    const length = Math.max(left.length, right.length);
    const at = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : i] ?? 0;
    const constant = Array.from({ length }, (_, i) => compute(at(left, i), at(right, i)));
    return constant.some(Number.isNaN) ? { shapes } : { shapes, constant };
  };
}

function followedUnary(compute: (a: number) => number): ShapeRule {
  return (view) => {
    const constant = view.constant(0);
    return { shapes: [view.shape(0)], ...(constant && { constant: constant.map(compute) }) };
  };
}

const floatTypes: readonly number[] = [dataType.float, dataType.float16, dataType.double, dataType.bfloat16];

const cast: ShapeRule = (view) => {
  const whole = !floatTypes.includes(intAttribute(view.node, 'to', dataType.float));
  return followedUnary(whole ? Math.trunc : (a) => a)(view);
};

const broadcastAll: ShapeRule = (view) => ({
  shapes: [
    broadcast(
      view,
      view.node.inputs.map((_, i) => view.shape(i)),
    ),
  ],
});

const same = [
  ...['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Celu', 'Selu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh'],
  ...['Softmax', 'LogSoftmax', 'Softplus', 'Softsign', 'Gelu', 'Mish', 'ThresholdedRelu', 'Clip'],
  ...['Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Reciprocal', 'Erf', 'Sign', 'Not'],
  ...['LayerNormalization', 'GroupNormalization', 'LRN', 'Dropout'],
];

export const elementwiseRules: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(same.map((name) => [name, unary])),
  Identity: followedUnary((a) => a),
  Cast: cast,
  Floor: followedUnary(Math.floor),
  Ceil: followedUnary(Math.ceil),
  Add: followed((a, b) => a + b),
  Sub: followed((a, b) => a - b),
  Mul: followed((a, b) => a * b),
  // 5 / 2 is 2 for whole numbers and 2.5 for others, and which of them these are is not followed.
  Div: followed((a, b) => (Number.isInteger(a) && Number.isInteger(b) && a % b !== 0 ? NaN : a / b)),
  Pow: broadcastAll,
  Min: broadcastAll,
  Max: broadcastAll,
  Sum: broadcastAll,
  Mean: broadcastAll,
  Where: broadcastAll,
  Equal: broadcastAll,
  Greater: broadcastAll,
  Less: broadcastAll,
};
