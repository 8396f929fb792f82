import { intAttribute, perAxisAttribute, stringAttribute } from '../../onnx/node-attributes.ts';
import type { Shape } from '../../onnx/infer-shapes.ts';
import type { NodeBuilder } from '../node-builder.ts';
import { range, refuse, sumTo, type GradientRule, type GradientView } from './gradient-rule.ts';
import { inputGradient } from './input-gradient.ts';
import { kernelGradient } from './kernel-gradient.ts';
import { attributesOf, type Window } from './window.ts';

function windowOf(view: GradientView): Window {
  const kernel = view.inputShape(1).slice(2);
  const axes = kernel.length;
  const autoPad = stringAttribute(view.node, 'auto_pad', 'NOTSET');
  if (autoPad !== 'NOTSET' && autoPad !== 'VALID') throw refuse(view, `pads by itself (${autoPad})`);
  return {
    kernel,
    strides: perAxisAttribute(view.node, 'strides', axes, 1, 1),
    dilations: perAxisAttribute(view.node, 'dilations', axes, 1, 1),
    pads:
      autoPad === 'VALID'
        ? range(2 * axes).map(() => 0)
        : perAxisAttribute(view.node, 'pads', 2 * axes, 0, 0),
    group: intAttribute(view.node, 'group', 1),
  };
}

/** Conv: y[o, p] = Σ w[o, i, k] x[i, p·s + k·d − pad] + b[o]. */
const conv: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  const window = windowOf(view);
  return [
    view.wants(0) ? inputGradient(view, window, gradient) : undefined,
    view.wants(1)
      ? kernelGradient(b, window, {
          fine: { name: view.input(0), shape: view.inputShape(0) },
          coarse: { name: gradient, shape: view.outputShape(0) },
        })
      : undefined,
    view.wants(2) ? biasGradient(b, gradient, view.outputShape(0)) : undefined,
  ];
};

/** ConvTranspose: y[o, p·s + k·d − pad] += w[i, o, k] x[i, p], so that x and the gradient change places. */
const convTranspose: GradientRule = (view, gradient) => {
  const { builder: b } = view;
  const window = windowOf(view);
  return [
    view.wants(0) ? b.op('Conv', [gradient, view.input(1)], attributesOf(window)) : undefined,
    view.wants(1)
      ? kernelGradient(b, window, {
          fine: { name: gradient, shape: view.outputShape(0) },
          coarse: { name: view.input(0), shape: view.inputShape(0) },
        })
      : undefined,
    view.wants(2) ? biasGradient(b, gradient, view.outputShape(0)) : undefined,
  ];
};

function biasGradient(b: NodeBuilder, gradient: string, shape: Shape): string {
  return b.sum(gradient, [0, ...range(shape.length - 2, 2)], 0);
}

/** Gemm with the default factors: y = A B + C, each of A and B transposed where the attribute says so. */
const gemm: GradientRule = (view, gradient) => {
  const { builder: b, node } = view;
  const transA = intAttribute(node, 'transA', 0);
  const transB = intAttribute(node, 'transB', 0);
  if (node.attributes.some(({ name, f }) => (name === 'alpha' || name === 'beta') && f !== 1)) {
    throw refuse(view, 'scales its terms');
  }
  const product = (left: string, right: string, flags: readonly [number, number]): string =>
    b.op('Gemm', [left, right], { transA: flags[0], transB: flags[1] });
  const a = transA
    ? product(view.input(1), gradient, [transB, 1])
    : product(gradient, view.input(1), [0, 1 - transB]);
  const c = transB
    ? product(gradient, view.input(0), [1, transA])
    : product(view.input(0), gradient, [1 - transA, 0]);
  return [
    view.wants(0) ? a : undefined,
    view.wants(1) ? c : undefined,
    view.wants(2) ? sumTo(b, gradient, view.outputShape(0), view.inputShape(2)) : undefined,
  ];
};

export const convolutionRules: Readonly<Record<string, GradientRule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Gemm: gemm,
};
