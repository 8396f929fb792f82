import { operatorName } from '../infer-shapes.ts';
import type { NodeProto } from '../proto.ts';

/**
 * Operators that run in float16, and how many of their leading inputs are of that type then; those after are settings
 * with a type of their own (sizes, axes, scales). They only move values, or scale them by an activation that never
 * makes them larger. What sums over a whole image, or divides, stays in float32: the mean of 128³ numbers loses its
 * last digits in float16, and their sum its range.
 */
const halfInputs: Readonly<Record<string, number>> = {
  ...{ Relu: 1, LeakyRelu: 1, PRelu: 2, Elu: 1, Clip: 3, Tanh: 1 },
  ...{ Add: 2, Sum: Infinity, Concat: Infinity, MaxPool: 1, AveragePool: 1 },
  ...{ Identity: 1, Reshape: 1, Flatten: 1, Squeeze: 1, Unsqueeze: 1, Transpose: 1, Slice: 1, Split: 1 },
  ...{ DepthToSpace: 1, SpaceToDepth: 1, Expand: 1, Resize: 1 },
};

/** Products with weights. Where both sides are activations, as in attention, a product may leave float16's range. */
const products: readonly string[] = ['Conv', 'ConvTranspose', 'MatMul', 'Gemm'];

/** How many leading inputs of a node are float16; 0 where it has to stay in float32. */
export function halfInputCount(node: NodeProto, isWeight: (name: string) => boolean): number {
  const name = operatorName(node);
  if (products.includes(name)) return isWeight(node.inputs[1] ?? '') ? node.inputs.length : 0;
  return halfInputs[name] ?? 0;
}
