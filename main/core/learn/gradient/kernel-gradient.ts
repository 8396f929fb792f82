import type { Shape } from '../../onnx/infer-shapes.ts';
import type { NodeBuilder } from '../node-builder.ts';
import { range } from './gradient-rule.ts';
import { planTaps, productOf, type TapPlan } from './plan-taps.ts';
import type { Window } from './window.ts';

export interface SpatialValue {
  readonly name: string;
  /** n, c, spatial axes. */
  readonly shape: Shape;
}

export interface KernelSides {
  /** What the window slides over: a Conv's input. */
  readonly fine: SpatialValue;
  /** One entry a place of the window: a Conv's output. */
  readonly coarse: SpatialValue;
}

/**
 * g[c, f, k] = Σ over n and p of coarse[n, c, p] · fine[n, f, p·s + k·d − pad], as one matrix product over the places p of
 * shifted copies of both (`plan-taps.ts`). A convolution would say the same, but its few outputs leave onnxruntime one thread,
 * and it copies `fine` out for every tap of the kernel.
 */
export function kernelGradient(b: NodeBuilder, window: Window, { fine, coarse }: KernelSides): string {
  const { group } = window;
  if (group === 1) return kernelOfGroup(b, window, { fine, coarse });
  const parts = range(group).map((each) =>
    kernelOfGroup(b, window, {
      fine: channelsOf(b, fine, each, group),
      coarse: channelsOf(b, coarse, each, group),
    }),
  );
  return b.op('Concat', parts, { axis: 0 });
}

function channelsOf(
  b: NodeBuilder,
  { name, shape }: SpatialValue,
  each: number,
  group: number,
): SpatialValue {
  const count = shape[1]! / group;
  const part = b.slice(name, [1], [each * count], [(each + 1) * count]);
  return { name: part, shape: [shape[0]!, count, ...shape.slice(2)] };
}

function kernelOfGroup(b: NodeBuilder, window: Window, { fine, coarse }: KernelSides): string {
  const plan = planTaps(window, fine.shape, coarse.shape);
  const { cutTaps, drawn, pushed, row } = plan;
  const [batch = 1, fineChannels = 1] = fine.shape;
  const [, coarseChannels = 1] = coarse.shape;
  const fineRows = cutTaps.length * drawn.length;
  const left = b.reshape(coarseCopies(b, plan, coarse), [batch, coarseChannels * pushed.length, row]);
  const right = b.reshape(fineCopies(b, window, plan, fine), [batch, fineChannels * fineRows, row]);
  const product = b.op('MatMul', [left, b.transpose(right, [0, 2, 1])]);
  return inKernelOrder(b, window, plan, {
    product: b.sum(product, [0], 0),
    channels: [coarseChannels, fineChannels],
  });
}

/** [n, c, pushed taps × row]: `coarse` for each pushed tap, as far along its row as that tap lies. */
function coarseCopies(b: NodeBuilder, plan: TapPlan, coarse: SpatialValue): string {
  const { length, pushed, row } = plan;
  const [batch = 1, channels = 1, ...places] = coarse.shape;
  // Along the outermost axis the zeros between the copies do.
  const missing = length.map((size, axis) => (axis === 0 ? 0 : size - places[axis]!));
  const embedded = padSpace(
    b,
    coarse.name,
    missing.map(() => 0),
    missing,
  );
  const size = places[0]! * productOf(length.slice(1));
  const starts = pushed.map((shift, tap) => tap * row + shift);
  return layOut(b, [b.reshape(embedded, [batch, channels, size])], {
    starts,
    size,
    total: pushed.length * row,
    shape: [batch, channels],
  });
}

/** [n, f, cut taps × drawn taps × row]: the padded `fine` for each of these taps, with what the tap meets first at the row's start. */
function fineCopies(b: NodeBuilder, window: Window, plan: TapPlan, fine: SpatialValue): string {
  const { kernel, strides, dilations, pads } = window;
  const { cutAxes, cutTaps, drawn, length, row } = plan;
  const [batch = 1, channels = 1] = fine.shape;
  const whole = padSpace(b, fine.name, pads.slice(0, kernel.length), pads.slice(kernel.length));
  const size = productOf(length);
  const pieces = cutTaps.map((tap) => {
    if (cutAxes.length === 0) return b.reshape(whole, [batch, channels, size]);
    const from = cutAxes.map((axis) => tap[axis]! * dilations[axis]!);
    const to = cutAxes.map((axis, at) => from[at]! + strides[axis]! * (length[axis]! - 1) + 1);
    const steps = cutAxes.map((axis) => strides[axis]!);
    const bounds = [b.ints(from), b.ints(to), b.ints(cutAxes.map((axis) => axis + 2)), b.ints(steps)];
    return b.reshape(b.op('Slice', [whole, ...bounds]), [batch, channels, size]);
  });
  const starts = pieces.flatMap((_, piece) =>
    drawn.map((shift, tap) => (piece * drawn.length + tap) * row - shift),
  );
  return layOut(b, pieces, { starts, size, total: starts.length * row, shape: [batch, channels] });
}

interface Layout {
  /** Where the copies begin, those of the first piece first; they do not overlap. */
  readonly starts: readonly number[];
  /** Of a piece. */
  readonly size: number;
  readonly total: number;
  /** Of the axes before the one that is laid out. */
  readonly shape: readonly number[];
}

/** Copies of each piece along the last axis, zeros between them. */
function layOut(b: NodeBuilder, pieces: readonly string[], { starts, size, total, shape }: Layout): string {
  const each = starts.length / pieces.length;
  const zeros = new Map<number, string>();
  const gap = (count: number): string[] => {
    if (count === 0) return [];
    if (!zeros.has(count)) {
      zeros.set(count, b.floats([...shape, count], new Float32Array(productOf(shape) * count)));
    }
    return [zeros.get(count)!];
  };
  const parts = starts.flatMap((start, at) => {
    const before = at === 0 ? 0 : starts[at - 1]! + size;
    return [...gap(start - before), pieces[Math.floor(at / each)]!];
  });
  const all = [...parts, ...gap(total - starts.at(-1)! - size)];
  return all.length === 1 ? all[0]! : b.op('Concat', all, { axis: shape.length });
}

function padSpace(b: NodeBuilder, name: string, before: readonly number[], after: readonly number[]): string {
  if ([...before, ...after].every((count) => count === 0)) return name;
  return b.pad(name, [0, 0, ...before], [0, 0, ...after]);
}

interface Entries {
  readonly product: string;
  /** c, f */
  readonly channels: readonly [number, number];
}

/** [c × pushed taps, f × cut taps × drawn taps] to [c, f, kernel…]. */
function inKernelOrder(
  b: NodeBuilder,
  { kernel }: Window,
  plan: TapPlan,
  { product, channels }: Entries,
): string {
  const axesOf = (way: string): number[] => range(kernel.length).filter((axis) => plan.ways[axis] === way);
  const [pushed, cut, drawn] = [axesOf('push'), axesOf('cut'), axesOf('draw')];
  const sizes = (axes: readonly number[]): number[] => axes.map((axis) => kernel[axis]!);
  const [coarseChannels, fineChannels] = channels;
  const apart = b.reshape(product, [
    coarseChannels,
    ...sizes(pushed),
    fineChannels,
    ...sizes(cut),
    ...sizes(drawn),
  ]);
  const order = [...pushed, -1, ...cut, ...drawn];
  const place = (axis: number): number => 1 + order.indexOf(axis);
  return b.transpose(apart, [0, place(-1), ...range(kernel.length).map(place)]);
}
