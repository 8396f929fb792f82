import { operatorName } from '../infer-shapes.ts';
import type { NodeProto } from '../proto.ts';

/**
 * Operators that run in float16 where their inputs do, and how many of their leading inputs are of that type then; those
 * after are settings with a type of their own (sizes, axes, scales). They only move values, or scale them by an
 * activation that never makes them larger. What sums over a whole image, or divides, stays in float32, and so does what
 * is made of it: the mean of 128³ numbers loses its last digits in float16, and their sum its range.
 */
const halfInputs: Readonly<Record<string, number>> = {
  ...{ Relu: 1, LeakyRelu: 1, PRelu: 2, Elu: 1, Clip: 3, Tanh: 1 },
  ...{ Add: 2, Sum: Infinity, Concat: Infinity, MaxPool: 1, AveragePool: 1 },
  ...{ Identity: 1, Reshape: 1, Flatten: 1, Squeeze: 1, Unsqueeze: 1, Transpose: 1, Slice: 1, Split: 1 },
  ...{ DepthToSpace: 1, SpaceToDepth: 1, Expand: 1, Resize: 1 },
};

/** Their weights lie in the second input. Where that is an activation, as in attention, the product stays in float32. */
const convolutions: readonly string[] = ['Conv', 'ConvTranspose'];
const matrixProducts: readonly string[] = ['MatMul', 'Gemm'];

/** These are computed in float32, but what they give is about 1 and has float16's range. */
const norms: readonly string[] = [
  ...['InstanceNormalization', 'BatchNormalization', 'LayerNormalization', 'GroupNormalization'],
];

export interface ValueFacts {
  readonly isWeight: (name: string) => boolean;
  /** Made in float16, or by a norm, or an image. */
  readonly fitsHalf: (name: string) => boolean;
}

/** How many leading inputs of a node are float16; 0 where it has to stay in float32. */
export function halfInputCount(node: NodeProto, { isWeight, fitsHalf }: ValueFacts): number {
  const name = operatorName(node);
  const [input = '', weight = ''] = node.inputs;
  if (convolutions.includes(name)) return isWeight(weight) ? node.inputs.length : 0;
  if (matrixProducts.includes(name)) return isWeight(weight) && fitsHalf(input) ? node.inputs.length : 0;
  const count = halfInputs[name] ?? 0;
  const values = node.inputs.slice(0, count).filter((each) => each && !isWeight(each));
  return values.length > 0 && values.every(fitsHalf) ? count : 0;
}

export function isNorm(node: NodeProto): boolean {
  return norms.includes(operatorName(node));
}
