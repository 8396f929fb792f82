import type { Shape } from '../onnx/infer-shapes.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import type { ReadExternal } from '../onnx/tensor-data.ts';
import { multiplyMatrices, type Multiply } from '../tensor/matrix-product.ts';
import { paperRankMin, type ChannelRanks, type RankRule } from './choose-ranks.ts';
import { estimateRank } from './estimate-rank.ts';
import { findLayers } from './find-layers.ts';
import { kernelSize, type Kernel, type ModeRanks } from './kernel.ts';
import { readKernel } from './read-kernel.ts';
import { largestFirst, shareOut } from './share-out.ts';
import { UnfoldedKernel, type Mode } from './unfolded-kernel.ts';

/**
 * Ranks at which a kernel's unfoldings stand out of their own noise (EVBMF, `estimateRank`), at least 1. Weights that
 * are noise throughout, as before any training, have none.
 */
export async function estimateKernelRanks(
  kernel: Kernel,
  multiply: Multiply = multiplyMatrices,
): Promise<ModeRanks> {
  const unfolded = new UnfoldedKernel(kernel, multiply);
  const rank = async (mode: Mode) => {
    const size = kernel.shape[mode];
    const others = kernelSize(kernel.shape) / size;
    const { values } = await unfolded.eigen(mode);
    // Beyond the shorter side the Gram matrix has only zeros, which rounding can leave below.
    const squares = values.subarray(0, Math.min(size, others)).map((value) => Math.max(0, value));
    return Math.max(1, estimateRank(squares, Math.max(size, others)));
  };
  return { rows: await rank('rows'), columns: await rank('columns') };
}

export interface EstimateOptions {
  readonly inputShapes: Readonly<Record<string, Shape>>;
  /** Default: here, on this thread. */
  readonly estimate?: (kernel: Kernel) => Promise<ModeRanks>;
  readonly parallel?: number;
  readonly readExternal?: ReadExternal;
  readonly rankMin?: number;
}

/** A rank rule for one model, by EVBMF on each of its kernels; never below `rankMin` (8). */
export async function ranksByNoise(model: OnnxModel, options: EstimateOptions): Promise<RankRule> {
  const { estimate = estimateKernelRanks, parallel = 1, rankMin = paperRankMin } = options;
  const found = findLayers(model, options.inputShapes);
  const layers = found.flatMap((layer) => ('reason' in layer ? [] : [layer]));
  // By the value that the layer makes: unique in a graph, and the same when the file is read again.
  const ranks = new Map<string, ChannelRanks>();
  await shareOut(largestFirst(layers), parallel, async (layer) => {
    const kernel = readKernel(layer, options.readExternal);
    if (typeof kernel === 'string') return;
    const { rows, columns } = await estimate(kernel);
    const byChannel = layer.rowsAre === 'in' ? { in: rows, out: columns } : { in: columns, out: rows };
    ranks.set(layer.node.outputs[0] ?? '', {
      in: Math.max(rankMin, byChannel.in),
      out: Math.max(rankMin, byChannel.out),
    });
  });
  return ({ node, channels }) => ranks.get(node.outputs[0] ?? '') ?? channels;
}
