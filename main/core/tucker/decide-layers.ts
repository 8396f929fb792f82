import type { ChannelRanks } from './choose-ranks.ts';
import type { Layer, LayerCost } from './layer.ts';

/** Whether a layer is worth decomposing at these ranks: null, or why it is not. */
export type Decide = (layer: Layer, after: LayerCost, ranks: ChannelRanks) => string | null;

/** The paper decomposes every layer, whether or not that makes it cheaper. */
export const decomposeEvery: Decide = () => null;

/** Only layers that multiply less afterwards. One channel has nothing to be reduced. */
export const decomposeWhereMacsFall: Decide = ({ channels, cost }, after) => {
  if (channels.in === 1 || channels.out === 1) return 'it has one channel';
  if (cost.macs === null || after.macs === null) return 'its cost is not known';
  return after.macs < cost.macs ? null : 'it would multiply no less';
};
