import type { ChannelRanks } from '../choose-ranks.ts';
import type { Decide } from '../decide-layers.ts';
import type { Layer } from '../layer.ts';
import { operationKey, operationMacs, operationsOf } from './operations.ts';

/**
 * What a layer costs at the given ranks, or as it is for null: in any unit, as long as costs of layers add up. Null
 * where it is not known.
 */
export type CostModel = (layer: Layer, ranks: ChannelRanks | null) => number | null;

/** In multiply-accumulates. */
export const macCosts: CostModel = (layer, ranks) =>
  operationsOf(layer, ranks)?.reduce((sum, operation) => sum + operationMacs(operation), 0) ?? null;

/** In milliseconds, of operations that were timed; by `operationKey`. */
export function timedCosts(milliseconds: ReadonlyMap<string, number>): CostModel {
  return (layer, ranks) => {
    const times = operationsOf(layer, ranks)?.map((operation) => milliseconds.get(operationKey(operation)));
    if (!times?.every((time) => time !== undefined)) return null;
    return times.reduce((sum, time) => sum + time, 0);
  };
}

/** Only layers that cost less afterwards by this model: with `timedCosts`, those that take less time on this machine. */
export function decomposeWhereCostFalls(costs: CostModel): Decide {
  return (layer, _, ranks) => {
    const { channels } = layer;
    if (channels.in === 1 || channels.out === 1) return 'it has one channel';
    const [before, after] = [costs(layer, null), costs(layer, ranks)];
    if (before === null || after === null) return 'its cost is not known';
    return after < before ? null : 'it would cost no less';
  };
}
