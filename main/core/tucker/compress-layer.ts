import type { ReadExternal } from '../onnx/tensor-data.ts';
import type { ChannelRanks } from './choose-ranks.ts';
import type { Kernel, ModeRanks, TuckerKernel } from './kernel.ts';
import { layerFactors, type LayerFactors } from './layer-factors.ts';
import { modeRanks, type Layer, type LayerCost, type LayerKind, type UnsuitableLayer } from './layer.ts';
import { planLayer } from './plan-layer.ts';
import { readKernel } from './read-kernel.ts';
import type { Recipe } from './recipe.ts';

export interface LayerReport {
  readonly name: string;
  readonly kind: LayerKind;
  /** Of the weight, as in the file; empty where it is not a constant. */
  readonly shape: readonly number[];
  /** Null where the layer stayed as it is. */
  readonly ranks: ChannelRanks | null;
  /** ‖W − Ŵ‖ / ‖W‖; 0 where the layer stayed as it is. */
  readonly error: number;
  readonly before: LayerCost;
  readonly after: LayerCost;
  /** Why the layer stayed as it is. */
  readonly skippedReason?: string;
}

export interface CompressedLayer {
  readonly report: LayerReport;
  /** Null where the layer stays as it is. */
  readonly factors: LayerFactors | null;
}

export type Decompose = (kernel: Kernel, ranks: readonly ModeRanks[]) => Promise<TuckerKernel[]>;

/** What becomes of a layer, one entry a recipe; its kernel is read and decomposed once for all of them. */
export async function compressLayer(
  layer: Layer | UnsuitableLayer,
  recipes: readonly Recipe[],
  decompose: Decompose,
  readExternal?: ReadExternal,
): Promise<CompressedLayer[]> {
  if ('reason' in layer) return recipes.map(() => keep(layer, layer.reason));
  const plans = recipes.map((recipe) => planLayer(layer, recipe));
  const wanted = new Map<string, ModeRanks>();
  for (const { ranks, objection } of plans)
    if (objection === null) wanted.set(keyOf(ranks), modeRanks(layer, ranks));
  const kernel = wanted.size > 0 ? readKernel(layer, readExternal) : null;
  if (typeof kernel === 'string') return plans.map(({ objection }) => keep(layer, objection ?? kernel));
  const solved = kernel ? await decompose(kernel, [...wanted.values()]) : [];
  const solutions = new Map([...wanted.keys()].map((key, i) => [key, solved[i]]));
  return plans.map(({ ranks, form, after, objection }) => {
    if (objection !== null) return keep(layer, objection);
    const tucker = solutions.get(keyOf(ranks));
    if (tucker === undefined) throw new RangeError(`no decomposition of ${layer.name} at ${keyOf(ranks)}`);
    const report = { ...describe(layer), ranks, error: tucker.error, before: layer.cost, after };
    return { report, factors: layerFactors(layer, tucker, form) };
  });
}

function keyOf(ranks: ChannelRanks): string {
  return `${ranks.in} ${ranks.out}`;
}

function keep(layer: Layer | UnsuitableLayer, skippedReason: string): CompressedLayer {
  const { cost } = layer;
  const report = { ...describe(layer), ranks: null, error: 0, before: cost, after: cost, skippedReason };
  return { report, factors: null };
}

function describe({ name, kind, weight }: Layer | UnsuitableLayer) {
  return { name, kind, shape: weight?.dims ?? [] };
}
