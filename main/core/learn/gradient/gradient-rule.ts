import type { Shape } from '../../onnx/infer-shapes.ts';
import { describeNode } from '../../onnx/node-attributes.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import type { NodeBuilder } from '../node-builder.ts';

/** What a rule sees of its node, counted from 0: names, shapes, and where gradients are wanted. */
export interface GradientView {
  readonly node: NodeProto;
  readonly builder: NodeBuilder;
  readonly input: (index: number) => string;
  readonly output: (index: number) => string;
  readonly inputShape: (index: number) => Shape;
  readonly outputShape: (index: number) => Shape;
  /** Whether anybody needs the gradient of this input: weights depend on it, or it is one. */
  readonly wants: (index: number) => boolean;
  /** Elements of an input that is a short constant. Throws LearnError where it is none. */
  readonly constant: (index: number) => readonly number[];
}

/**
 * The vector-Jacobian product of one operator: from the gradient of its first output to those of its inputs, in their
 * order; undefined where none is wanted. Throws LearnError for a case that it does not cover.
 */
export type GradientRule = (view: GradientView, gradient: string) => readonly (string | undefined)[];

/** A graph that cannot be learnt: an operator without a gradient, or a case of one. */
export class LearnError extends Error {}

export function refuse({ node }: Pick<GradientView, 'node'>, why: string): LearnError {
  return new LearnError(`${describeNode(node)} ${why}`);
}

export function range(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** Every way to take one of each list, the last list fastest. */
export function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (taken, list) => taken.flatMap((each) => list.map((one) => [...each, one])),
    [[]],
  );
}

/** Axes below 0 count from the end. */
export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Sums a gradient over the axes along which numpy broadcasting had repeated the input. */
export function sumTo(builder: NodeBuilder, gradient: string, from: Shape, to: Shape): string {
  const lead = from.length - to.length;
  const axes = range(from.length).filter(
    (axis) => axis < lead || (to[axis - lead] === 1 && from[axis] !== 1),
  );
  const summed = builder.sum(gradient, axes, 1);
  return lead === 0 ? summed : builder.reshape(summed, to);
}
