import type { NodeProto, TensorProto } from '../onnx/proto.ts';
import type { ChannelRanks } from './choose-ranks.ts';
import type { KernelShape, ModeRanks } from './kernel.ts';

export type LayerKind = 'Conv' | 'ConvTranspose' | 'MatMul' | 'Gemm';

export interface LayerCost {
  /** Weights and bias. */
  readonly parameters: number;
  /** Multiply-accumulates of one run; null where the layer's shapes are not known. */
  readonly macs: number | null;
}

/** A node whose weights can be decomposed. */
export interface Layer {
  /** The node's name, or that of its output where it has none. */
  readonly name: string;
  readonly kind: LayerKind;
  readonly node: NodeProto;
  readonly weight: TensorProto;
  readonly shape: KernelShape;
  /** Kernel sizes, one an axis; empty for a matrix. */
  readonly window: readonly number[];
  readonly channels: { readonly in: number; readonly out: number };
  /** Which channels the weight's first axis counts. */
  readonly rowsAre: 'in' | 'out';
  readonly hasBias: boolean;
  readonly cost: LayerCost;
  /** Voxels (times batch) that the layer reads and writes; null where the shapes are not known. */
  readonly positions: { readonly in: number; readonly out: number } | null;
}

/** A convolution or matrix product that has to stay as it is. */
export interface UnsuitableLayer {
  readonly name: string;
  readonly kind: LayerKind;
  readonly node: NodeProto;
  /** Null where the weights are not constants. */
  readonly weight: TensorProto | null;
  readonly cost: LayerCost;
  /** What stands in the way, in plain words. */
  readonly reason: string;
}

export function modeRanks({ rowsAre }: Layer, ranks: ChannelRanks): ModeRanks {
  return rowsAre === 'in' ? { rows: ranks.in, columns: ranks.out } : { rows: ranks.out, columns: ranks.in };
}

/**
 * `three` convolutions as in the paper: reduction, core, expansion. `two`, without a core, where there is nothing to
 * do between: for matrices always, for a 1×1×1 convolution where the paper's form is not asked for.
 */
export type LayerForm = 'three' | 'two';

export function formOf({ kind, shape }: Layer, paperForm: boolean): LayerForm {
  if (kind === 'MatMul' || kind === 'Gemm') return 'two';
  return kind === 'Conv' && shape.taps === 1 && !paperForm ? 'two' : 'three';
}
