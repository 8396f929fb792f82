import { combinations, range, type GradientView } from './gradient-rule.ts';
import type { NodeBuilder } from '../node-builder.ts';
import { attributesOf, type Window } from './window.ts';

/**
 * The gradient of a Conv's input: x[i, q] gets Σ w[o, i, k] g[o, p] over all p·s + k·d − pad = q. onnxruntime's ConvTranspose does
 * that, but takes several times as long as its Conv, so that the sum is written as convolutions wherever it is one.
 */
export function inputGradient(view: GradientView, window: Window, gradient: string): string {
  const { strides, dilations, group } = window;
  if (group === 1 && strides.every((stride) => stride === 1)) {
    const found = byMirroredKernel(view, window, gradient);
    if (found !== null) return found;
  }
  if (group === 1 && dilations.every((dilation) => dilation === 1)) return byPhases(view, window, gradient);
  return byConvTranspose(view, window, gradient);
}

/** Stride 1: one convolution by the mirrored kernel. null where more was padded than the kernel reaches. */
function byMirroredKernel(view: GradientView, window: Window, gradient: string): string | null {
  const { kernel, dilations, pads } = window;
  const turned = kernel.map((size, axis) => dilations[axis]! * (size - 1));
  const back = [...turned, ...turned].map((reach, index) => reach - pads[index]!);
  if (back.some((count) => count < 0)) return null;
  const mirrored = mirroredKernel(
    view,
    window,
    kernel.map(() => 0),
  );
  return view.builder.op('Conv', [gradient, mirrored], { ...attributesOf(window), pads: back });
}

/**
 * Larger strides: entries of x whose place leaves the same rest by the stride meet the same entries of the kernel, so each such
 * phase is a small convolution of its own, and x is all of them interleaved.
 */
function byPhases(view: GradientView, { kernel, strides, pads }: Window, gradient: string): string {
  const { builder: b } = view;
  const [batch = 1, channels = 1, ...size] = view.inputShape(0);
  const coarse = view.outputShape(0).slice(2);
  const reach = kernel.map((each, axis) => Math.ceil(each / strides[axis]!) - 1);
  const length = coarse.map((each, axis) => each + reach[axis]!);
  const window = { kernel, strides, dilations: strides.map(() => 1), pads, group: 1 };
  const phases = combinations(strides.map((stride) => range(stride))).map((rests) => {
    const taps = kernel.map((each, axis) => Math.ceil((each - rests[axis]!) / strides[axis]!));
    if (taps.some((count) => count <= 0)) return b.expand(b.scalar(0), [batch, channels, ...length]);
    const attributes = { kernel_shape: taps, pads: [...taps.map((count) => count - 1), ...reach] };
    return b.op('Conv', [gradient, mirroredKernel(view, window, rests)], attributes);
  });
  const together = phases.length === 1 ? phases[0]! : b.op('Concat', phases, { axis: 1 });
  const woven = interleave(b, together, [batch, channels, ...length], strides);
  return cutTo(b, woven, {
    from: pads.slice(0, kernel.length),
    size,
    length: length.map((n, a) => n * strides[a]!),
  });
}

/** The kernel as [i, o, …], of each axis the entries rest, rest + stride, …, in reverse. */
function mirroredKernel(view: GradientView, { kernel, strides }: Window, rests: readonly number[]): string {
  const { builder: b } = view;
  const axes = range(kernel.length, 2);
  const turned = b.transpose(view.input(1), [1, 0, ...axes]);
  if (kernel.every((size) => size === 1)) return turned;
  const last = kernel.map((size, axis) => {
    const stride = strides[axis]!;
    return rests[axis]! + stride * (Math.ceil((size - rests[axis]!) / stride) - 1);
  });
  const bounds = [b.ints(last), b.ints(last.map(() => beforeAll)), b.ints(axes)];
  return b.op('Slice', [turned, ...bounds, b.ints(strides.map((stride) => -stride))]);
}

/** Where a slice that goes backwards ends after the first entry. */
const beforeAll = -(2 ** 31);

/** [n, phases × c, u…] to [n, c, u × stride…]. */
function interleave(
  b: NodeBuilder,
  phases: string,
  [batch = 1, channels = 1, ...length]: readonly number[],
  strides: readonly number[],
): string {
  if (strides.every((stride) => stride === 1)) return phases;
  const count = strides.length;
  const apart = b.reshape(phases, [batch, ...strides, channels, ...length]);
  const order = range(count).flatMap((axis) => [count + 2 + axis, 1 + axis]);
  const woven = b.transpose(apart, [0, count + 1, ...order]);
  return b.reshape(woven, [batch, channels, ...length.map((each, axis) => each * strides[axis]!)]);
}

interface Cut {
  readonly from: readonly number[];
  readonly size: readonly number[];
  readonly length: readonly number[];
}

/** Entries [from, from + size) of each spatial axis; zeros where the stride had left a rest of the input alone. */
function cutTo(b: NodeBuilder, value: string, { from, size, length }: Cut): string {
  const axes = range(size.length, 2);
  const missing = size.map((each, axis) => Math.max(0, from[axis]! + each - length[axis]!));
  const nothing = [0, 0, ...size.map(() => 0)];
  const whole = missing.some((count) => count > 0) ? b.pad(value, nothing, [0, 0, ...missing]) : value;
  return b.slice(
    whole,
    axes,
    from,
    from.map((start, axis) => start + size[axis]!),
  );
}

/** The transposed convolution, as long as the input was: what the stride left over at the end is padded. */
function byConvTranspose(view: GradientView, window: Window, gradient: string): string {
  const { kernel, strides, dilations, pads } = window;
  const output = view.outputShape(0).slice(2);
  const outputPadding = view
    .inputShape(0)
    .slice(2)
    .map((size, axis) => {
      const extent = dilations[axis]! * (kernel[axis]! - 1) + 1;
      return (
        size - (strides[axis]! * (output[axis]! - 1) + extent - pads[axis]! - pads[axis + kernel.length]!)
      );
    });
  const attributes = { ...attributesOf(window), output_padding: outputPadding };
  return view.builder.op('ConvTranspose', [gradient, view.input(1)], attributes);
}
