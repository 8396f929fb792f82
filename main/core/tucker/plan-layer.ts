import { clipRanks, type ChannelRanks } from './choose-ranks.ts';
import { decomposeEvery } from './decide-layers.ts';
import { costAfter } from './layer-cost.ts';
import { formOf, type Layer, type LayerCost, type LayerForm } from './layer.ts';
import type { Recipe } from './recipe.ts';

export interface LayerPlan {
  readonly ranks: ChannelRanks;
  readonly form: LayerForm;
  /** Of the layers that would take the layer's place. */
  readonly after: LayerCost;
  /** Why the layer stays as it is all the same; null where it does not. */
  readonly objection: string | null;
}

/** What a recipe makes of a layer, known before anything is decomposed. */
export function planLayer(layer: Layer, { ranks: rule, decide, paperForm = false }: Recipe): LayerPlan {
  const form = formOf(layer, paperForm);
  const clipped = clipRanks(layer, rule(layer));
  const least = Math.min(clipped.in, clipped.out);
  const ranks = form === 'two' ? { in: least, out: least } : clipped;
  const after = costAfter(layer, ranks, form);
  return { ranks, form, after, objection: (decide ?? decomposeEvery)(layer, after, ranks) };
}
