import type { Layer } from './layer.ts';

/** How many channels are left between the reduction and the core, and between the core and the expansion. */
export interface ChannelRanks {
  readonly in: number;
  readonly out: number;
}

/** The ranks of every layer; those beyond a layer's channels are cut to them. */
export type RankRule = (layer: Layer) => ChannelRanks;

/** Below so many channels a core is too small to keep anything; the paper's. */
export const paperRankMin = 8;

/** min(channels, max(rankMin, ⌈channels · factor⌉)) (arXiv 2404.09683; tucker-cnn `get_ranks`). */
export function chooseRank(channels: number, factor: number, rankMin: number = paperRankMin): number {
  return Math.min(channels, Math.max(rankMin, Math.ceil(channels * factor)));
}

/** The paper's rule: one factor ("DF") for all layers. */
export function ranksByFactor(factor: number, rankMin: number = paperRankMin): RankRule {
  return ({ channels }) => ({
    in: chooseRank(channels.in, factor, rankMin),
    out: chooseRank(channels.out, factor, rankMin),
  });
}

export function clipRanks(layer: Layer, ranks: ChannelRanks): ChannelRanks {
  const clip = (rank: number, channels: number) => Math.max(1, Math.min(channels, Math.floor(rank)));
  return { in: clip(ranks.in, layer.channels.in), out: clip(ranks.out, layer.channels.out) };
}
