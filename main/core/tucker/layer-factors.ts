import { transposed } from '../tensor/matrices.ts';
import { multiplyMatrices } from '../tensor/matrix-product.ts';
import type { ChannelRanks } from './choose-ranks.ts';
import type { TuckerKernel } from './kernel.ts';
import type { Layer, LayerForm } from './layer.ts';

/** The weights that take the place of a layer's, whatever method found them. */
export interface LayerFactors {
  readonly ranks: ChannelRanks;
  /** [ranks.in, channels in], C order. */
  readonly reduce: Float32Array;
  /**
   * [ranks.out, ranks.in, window] for Conv and [ranks.in, ranks.out, window] for ConvTranspose, C order; null where
   * the layer becomes two, of equal ranks.
   */
  readonly core: Float32Array | null;
  /** [channels out, ranks.out], C order. */
  readonly expand: Float32Array;
  /** [channels out], in place of the layer's bias where it changed. */
  readonly bias?: Float32Array;
}

/** The factors of a decomposed kernel as weights of layers. */
export function layerFactors(layer: Layer, tucker: TuckerKernel, form: LayerForm): LayerFactors {
  const { channels, rowsAre } = layer;
  const [inFactor, outFactor] =
    rowsAre === 'in' ? [tucker.rowFactor, tucker.columnFactor] : [tucker.columnFactor, tucker.rowFactor];
  const { rows, columns } = tucker.ranks;
  const ranks = rowsAre === 'in' ? { in: rows, out: columns } : { in: columns, out: rows };
  if (form === 'three') {
    const reduce = transposed(inFactor, channels.in, ranks.in);
    return { ranks, reduce, core: tucker.core, expand: outFactor };
  }
  // One tap: the core is a matrix, and goes into the reduction: [out rank, in rank] · [in rank, in].
  const core = { rows, columns, data: Float64Array.from(tucker.core) };
  const factor = { rows: channels.in, columns: ranks.in, data: Float64Array.from(inFactor) };
  const reduce =
    rowsAre === 'in'
      ? transposed(multiplyMatrices(factor, core).data, channels.in, ranks.out)
      : multiplyMatrices(core, factor, 'right').data;
  return {
    ranks: { in: ranks.out, out: ranks.out },
    reduce: Float32Array.from(reduce),
    core: null,
    expand: outFactor,
  };
}
