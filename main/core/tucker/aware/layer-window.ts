import { intsAttribute, perAxisAttribute, stringAttribute } from '../../onnx/node-attributes.ts';
import type { Shape } from '../../onnx/infer-shapes.ts';
import type { Layer } from '../layer.ts';
import type { RegressionShape } from './moments.ts';

/** Which voxels a sample of a layer reads and which it gives. Axes are padded to three in front. */
export interface LayerWindow {
  readonly shape: RegressionShape;
  readonly inSpace: Space;
  readonly outSpace: Space;
  /** Where samples are counted: the output's grid of a convolution, the input's of a transposed one. */
  readonly sampleSpace: Space;
  /** Sample index to the first voxel it reads, and on to the next tap. */
  readonly reads: Reach;
  readonly gives: Reach;
}

export type Space = readonly [number, number, number];

export interface Reach {
  readonly window: Space;
  readonly strides: Space;
  readonly dilations: Space;
  readonly pads: Space;
}

const ones: Space = [1, 1, 1];
const point: Reach = { window: ones, strides: ones, dilations: ones, pads: [0, 0, 0] };

/**
 * Null for layers that are no regression from a window to a voxel or from a voxel to a window: matrices, transposed
 * convolutions whose windows overlap or leave gaps, more than three axes.
 *
 * @param input [1, channels, …space] of what the layer reads, `output` of what it gives
 */
export function layerWindow(layer: Layer, input: Shape, output: Shape): LayerWindow | null {
  const { kind, node, window, channels, shape } = layer;
  const axes = window.length;
  if ((kind !== 'Conv' && kind !== 'ConvTranspose') || axes > 3) return null;
  if (input[0] !== 1 || input.length !== axes + 2 || output.length !== axes + 2) return null;
  const inSpace = asSpace(input.slice(2), 1);
  const outSpace = asSpace(output.slice(2), 1);
  const strides = perAxisAttribute(node, 'strides', axes, 1, 1);
  const dilations = perAxisAttribute(node, 'dilations', axes, 1, 1);
  const reach = (pads: readonly number[]): Reach => ({
    window: asSpace(window, 1),
    strides: asSpace(strides, 1),
    dilations: asSpace(dilations, 1),
    pads: asSpace(pads, 0),
  });
  const common = { channelsIn: channels.in, channelsOut: channels.out };
  if (kind === 'Conv') {
    const pads = padsBefore(layer, inSpace.slice(3 - axes), outSpace.slice(3 - axes));
    return {
      shape: { ...common, tapsIn: shape.taps, tapsOut: 1 },
      inSpace,
      outSpace,
      sampleSpace: outSpace,
      reads: reach(pads),
      gives: point,
    };
  }
  const tiles = window.every(
    (size, axis) =>
      size === strides[axis] && dilations[axis] === 1 && output[axis + 2] === size * input[axis + 2],
  );
  if (!tiles || (intsAttribute(node, 'pads') ?? []).some((pad) => pad !== 0)) return null;
  return {
    shape: { ...common, tapsIn: 1, tapsOut: shape.taps },
    inSpace,
    outSpace,
    sampleSpace: inSpace,
    reads: point,
    gives: reach(window.map(() => 0)),
  };
}

/** Of a Conv, at the start of each axis (ONNX operators, Conv: `auto_pad`). */
function padsBefore({ node, window }: Layer, input: Shape, output: Shape): readonly number[] {
  const axes = window.length;
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (autoPad === 'NOTSET') return perAxisAttribute(node, 'pads', 2 * axes, 0, 0).slice(0, axes);
  if (autoPad === 'VALID') return window.map(() => 0);
  const strides = perAxisAttribute(node, 'strides', axes, 1, 1);
  const dilations = perAxisAttribute(node, 'dilations', axes, 1, 1);
  return window.map((size, axis) => {
    const reach = (output[axis] - 1) * strides[axis] + (size - 1) * dilations[axis] + 1;
    const missing = Math.max(0, reach - input[axis]);
    return autoPad === 'SAME_LOWER' ? Math.ceil(missing / 2) : Math.floor(missing / 2);
  });
}

function asSpace(sizes: readonly number[], filler: number): Space {
  return [...Array.from({ length: 3 - sizes.length }, () => filler), ...sizes] as unknown as Space;
}
