import type { RankRule } from './choose-ranks.ts';
import type { Decide } from './decide-layers.ts';

/** How one variant of a model is made. */
export interface Recipe {
  readonly ranks: RankRule;
  /** Default: every layer, as in the paper. */
  readonly decide?: Decide;
  /** 1×1×1 convolutions too as three layers, as in the paper; default: as two, which is the same and cheaper. */
  readonly paperForm?: boolean;
}
