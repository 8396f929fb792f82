import { paperRankMin, type ChannelRanks } from '../choose-ranks.ts';
import { formOf, type Layer, type UnsuitableLayer } from '../layer.ts';
import type { Recipe } from '../recipe.ts';
import { BudgetError, BudgetTooSmall } from './budget.ts';
import { chooseCandidates, type Candidate } from './choose-candidates.ts';
import type { CostModel } from './cost-model.ts';

/**
 * What a layer loses at the given ranks, comparable between layers and adding up over them; 0 at full ranks. Null
 * where it is not known: such a layer stays as it is.
 */
export type LossModel = (layer: Layer, ranks: ChannelRanks) => number | null;

export interface AllocatedLayer {
  readonly layer: Layer;
  /** Null: the layer stays as it is. */
  readonly ranks: ChannelRanks | null;
  readonly loss: number;
  readonly cost: number;
}

/** Ranks for the layers of one network, or of all its folds, as a recipe of `compressModel`. */
export interface Allocation extends Recipe {
  readonly layers: readonly AllocatedLayer[];
  /** Of all layers together. */
  readonly loss: number;
  /** Of all layers together, those that have to stay among them; in the cost model's unit. */
  readonly cost: number;
}

export interface AllocateOptions {
  readonly losses: LossModel;
  readonly costs: CostModel;
  /** Of what no rank changes: layers that cannot be decomposed, and other operators. Default 0. */
  readonly fixedCost?: number;
  /** No rank goes below this, nor below the channels where these are fewer. Default 8, as in the paper. */
  readonly rankMin?: number;
}

/**
 * Ranks of every layer under one budget, instead of one factor for all: those with the least loss in sum. A layer may
 * also stay as it is, which loses nothing; one that has to (one channel, or a cost or loss that is not known) counts
 * with its cost. Ranks lie on a grid of sixteenths of a layer's channels.
 *
 * Throws BudgetError where the cost of a layer is not known, or where not even the least ranks meet the limit.
 *
 * @param layers from `findLayers`
 * @param limit of the summed costs
 */
export function allocateRanks(
  layers: readonly (Layer | UnsuitableLayer)[],
  limit: number,
  { losses, costs, fixedCost = 0, rankMin = paperRankMin }: AllocateOptions,
): Allocation {
  const suitable = layers.flatMap((layer) => ('reason' in layer ? [] : [layer]));
  const groups = suitable.map((layer) => candidatesOf(layer, losses, costs, rankMin));
  const chosen = chooseCandidates(groups, limit - fixedCost);
  if (!chosen) {
    const cheapest = groups.map((group) => Math.min(...group.map(({ cost }) => cost)));
    const least = cheapest.reduce((sum, cost) => sum + cost, fixedCost);
    throw new BudgetTooSmall(limit, least);
  }
  const allocated = chosen.map((index, i) => ({ layer: suitable[i], ...groups[i][index] }));
  // By the value that the layer makes: unique in a graph, and the same in every fold.
  const ranks = new Map(allocated.map((each) => [keyOf(each.layer), each.ranks]));
  return {
    layers: allocated,
    loss: allocated.reduce((sum, { loss }) => sum + loss, 0),
    cost: allocated.reduce((sum, { cost }) => sum + cost, fixedCost),
    ranks: (layer) => ranks.get(keyOf(layer)) ?? layer.channels,
    decide: (layer) => (ranks.get(keyOf(layer)) ? null : 'the budget keeps it whole'),
  };
}

interface RankedCandidate extends Candidate {
  readonly ranks: ChannelRanks | null;
}

function candidatesOf(
  layer: Layer,
  losses: LossModel,
  costs: CostModel,
  rankMin: number,
): readonly RankedCandidate[] {
  const whole = costs(layer, null);
  if (whole === null) throw new BudgetError(`the cost of the layer "${layer.name}" is not known`);
  const kept = { ranks: null, loss: 0, cost: whole };
  const { channels } = layer;
  if (channels.in === 1 || channels.out === 1) return [kept];
  const decomposed = rankGrid(layer, rankMin).flatMap((ranks) => {
    const loss = losses(layer, ranks);
    const cost = costs(layer, ranks);
    return loss === null || cost === null || cost >= whole ? [] : [{ ranks, loss, cost }];
  });
  return [kept, ...decomposed];
}

const gridSteps = 16;

/** All pairs of ranks that are considered; equal ones where the layer becomes two. */
export function rankGrid(layer: Layer, rankMin: number): readonly ChannelRanks[] {
  const { channels } = layer;
  const ranksOf = (size: number) => {
    const step = Math.ceil(size / gridSteps);
    const ranks = Array.from({ length: gridSteps }, (_, i) => (i + 1) * step);
    return [...ranks.filter((rank) => rank < size && rank >= rankMin), size];
  };
  if (formOf(layer, false) === 'two')
    return ranksOf(Math.min(channels.in, channels.out)).map((rank) => ({ in: rank, out: rank }));
  return ranksOf(channels.in).flatMap((rankIn) =>
    ranksOf(channels.out).map((rankOut) => ({ in: rankIn, out: rankOut })),
  );
}

function keyOf({ node }: Layer): string {
  return node.outputs[0] ?? '';
}
