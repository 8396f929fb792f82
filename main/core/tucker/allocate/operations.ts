import type { ChannelRanks } from '../choose-ranks.ts';
import { formOf, type Layer } from '../layer.ts';

/** To onnxruntime a convolution with a kernel of one voxel is a matrix product, without a copy of its input. */
export type OperationKind = 'Conv' | 'ConvTranspose' | 'point' | 'matrix';

/** One convolution or matrix product, as far as its cost depends on it. */
export interface Operation {
  readonly kind: OperationKind;
  readonly channels: { readonly in: number; readonly out: number };
  readonly taps: number;
  /** Voxels (times batch) that it reads and writes, or rows of a matrix. */
  readonly positions: { readonly in: number; readonly out: number };
}

/**
 * What runs in a layer's place at the given ranks, or the layer itself for null: reduction, core and expansion in this
 * order. Null where the layer's shapes are not known.
 */
export function operationsOf(layer: Layer, ranks: ChannelRanks | null): readonly Operation[] | null {
  const { channels, shape, positions } = layer;
  if (!positions) return null;
  const kind = kindOf(layer);
  const own = { kind, taps: shape.taps, positions };
  if (!ranks) return [{ ...own, channels }];
  const pointwise = (from: number, to: number, at: number): Operation => ({
    kind: kind === 'matrix' ? 'matrix' : 'point',
    channels: { in: from, out: to },
    taps: 1,
    positions: { in: at, out: at },
  });
  const expand = pointwise(ranks.out, channels.out, positions.out);
  if (formOf(layer, false) === 'two')
    return [{ ...own, channels: { in: channels.in, out: ranks.in } }, expand];
  return [pointwise(channels.in, ranks.in, positions.in), { ...own, channels: ranks }, expand];
}

/** The same for operations that take the same time. */
export function operationKey(operation: Operation): string {
  return JSON.stringify(operation);
}

function kindOf({ kind, shape, positions }: Layer): OperationKind {
  if (kind === 'MatMul' || kind === 'Gemm') return 'matrix';
  if (kind === 'ConvTranspose') return kind;
  return shape.taps === 1 && positions?.in === positions?.out ? 'point' : 'Conv';
}

/** Multiply-accumulates: once a voxel read for a transposed convolution, once a voxel written for any other. */
export function operationMacs({ kind, channels, taps, positions }: Operation): number {
  const voxels = kind === 'ConvTranspose' ? positions.in : positions.out;
  return voxels * channels.in * channels.out * taps;
}
