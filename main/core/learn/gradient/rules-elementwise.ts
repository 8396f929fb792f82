import { floatAttribute, intAttribute, stringAttribute } from '../../onnx/node-attributes.ts';
import type { NodeBuilder } from '../node-builder.ts';
import { positiveAxis, refuse, sumTo, type GradientRule, type GradientView } from './gradient-rule.ts';

/** An operator of one input whose derivative is made of its input and output, element by element. */
function unary(derivative: (builder: NodeBuilder, view: GradientView) => string): GradientRule {
  return (view, gradient) => [view.builder.mul(gradient, derivative(view.builder, view))];
}

const isPositive = (b: NodeBuilder, value: string): string => b.op('Greater', [value, b.scalar(0)]);

/** One factor where the input is positive, another one elsewhere. */
function sloped(slope: (view: GradientView) => number): GradientRule {
  return (view, gradient) => {
    const { builder: b } = view;
    return [b.op('Where', [isPositive(b, view.input(0)), gradient, b.scale(gradient, slope(view))])];
  };
}

const relu: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  return [b.mul(gradient, b.asFloat(isPositive(b, view.input(0))))];
};

/** y = x above 0, else α (eˣ − 1): there the derivative is y + α. */
const elu = unary((b, view) => {
  const alpha = floatAttribute(view.node, 'alpha', 1);
  // The same for α = 1, by operators that onnxruntime is several times as quick with.
  if (alpha === 1) return b.add(b.op('Clip', [view.output(0), '', b.scalar(0)]), b.scalar(1));
  const below = b.add(view.output(0), b.scalar(alpha));
  return b.op('Where', [isPositive(b, view.input(0)), b.scalar(1), below]);
});

const sigmoid = unary((b, view) => {
  const y = view.output(0);
  return b.mul(y, b.sub(b.scalar(1), y));
});

const tanh = unary((b, view) => b.sub(b.scalar(1), b.mul(view.output(0), view.output(0))));

/** y = x Φ(x): Φ(x) + x φ(x), with the error function; the tanh approximation is another function. */
const gelu = unary((b, view) => {
  if (stringAttribute(view.node, 'approximate', 'none') !== 'none') {
    throw refuse(view, 'is an approximation whose gradient is not known');
  }
  const x = view.input(0);
  const cumulative = b.scale(b.add(b.op('Erf', [b.scale(x, Math.SQRT1_2)]), b.scalar(1)), 0.5);
  const density = b.scale(b.op('Exp', [b.scale(b.mul(x, x), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return b.add(cumulative, b.mul(x, density));
});

const erf = unary((b, view) => {
  const x = view.input(0);
  return b.scale(b.op('Exp', [b.neg(b.mul(x, x))]), 2 / Math.sqrt(Math.PI));
});

/** Gradients of both inputs of a binary operator, summed over what was broadcast. */
function binary(
  left: (view: GradientView, gradient: string) => string,
  right: (view: GradientView, gradient: string) => string,
): GradientRule {
  return (view, gradient) =>
    [left, right].map((side, index) => {
      if (!view.wants(index)) return undefined;
      return sumTo(view.builder, side(view, gradient), view.outputShape(0), view.inputShape(index));
    });
}

const same = (_view: GradientView, gradient: string): string => gradient;

const add: GradientRule = binary(same, same);
const sub: GradientRule = binary(same, ({ builder }, gradient) => builder.neg(gradient));
const mul: GradientRule = binary(
  ({ builder, input }, gradient) => builder.mul(gradient, input(1)),
  ({ builder, input }, gradient) => builder.mul(gradient, input(0)),
);
const div: GradientRule = binary(
  ({ builder, input }, gradient) => builder.div(gradient, input(1)),
  ({ builder: b, input, output }, gradient) => b.neg(b.div(b.mul(gradient, output(0)), input(1))),
);

const sumOfAll: GradientRule = (view, gradient) =>
  view.node.inputs.map((_, index) =>
    view.wants(index)
      ? sumTo(view.builder, gradient, view.outputShape(0), view.inputShape(index))
      : undefined,
  );

function axisOf(view: GradientView): number {
  return positiveAxis(intAttribute(view.node, 'axis', -1), view.outputShape(0).length);
}

/** dx = y (dy − Σ y dy). */
const softmax: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  const y = view.output(0);
  const common = b.sum(b.mul(gradient, y), [axisOf(view)], 1);
  return [b.mul(y, b.sub(gradient, common))];
};

/** dx = dy − softmax(x) Σ dy. */
const logSoftmax: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  const share = b.op('Exp', [view.output(0)]);
  return [b.sub(gradient, b.mul(share, b.sum(gradient, [axisOf(view)], 1)))];
};

export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Identity: (_view, gradient) => [gradient],
  Abs: unary((b, view) => b.op('Sign', [view.input(0)])),
  Neg: ({ builder }, gradient) => [builder.neg(gradient)],
  Relu: relu,
  LeakyRelu: sloped(({ node }) => floatAttribute(node, 'alpha', 0.01)),
  Elu: elu,
  Gelu: gelu,
  Erf: erf,
  Sigmoid: sigmoid,
  Tanh: tanh,
  Exp: unary((_b, view) => view.output(0)),
  Log: ({ builder, input }, gradient) => [builder.div(gradient, input(0))],
  Sqrt: ({ builder: b, output }, gradient) => [b.div(b.scale(gradient, 0.5), output(0))],
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Sum: sumOfAll,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
