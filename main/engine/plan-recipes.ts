import type { Device } from '../contract/engine-protocol.ts';
import type { LayerChoice, RankChoice } from '../contract/variant-recipe.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Shape } from '../core/onnx/infer-shapes.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { writeOnnx, type OnnxModel } from '../core/onnx/onnx-file.ts';
import { allocateRanks, type Allocation } from '../core/tucker/allocate/allocate-ranks.ts';
import { allocateWithin } from '../core/tucker/allocate/allocate-within.ts';
import { BudgetError, BudgetTooSmall, type Budget } from '../core/tucker/allocate/budget.ts';
import { decomposeWhereCostFalls, macCosts, timedCosts } from '../core/tucker/allocate/cost-model.ts';
import { networkOfShapes, peakMemory } from '../core/tucker/allocate/network-of-shapes.ts';
import { planProbes, type RankedLayer } from '../core/tucker/allocate/plan-probes.ts';
import { truncationErrors, truncationLosses } from '../core/tucker/allocate/truncation-losses.ts';
import { ranksByFactor, type RankRule } from '../core/tucker/choose-ranks.ts';
import { decomposeEvery, decomposeWhereMacsFall, type Decide } from '../core/tucker/decide-layers.ts';
import { estimateKernelRanks, ranksByNoise } from '../core/tucker/estimate-ranks.ts';
import { findLayers } from '../core/tucker/find-layers.ts';
import type { Kernel } from '../core/tucker/kernel.ts';
import type { LayerCost } from '../core/tucker/layer.ts';
import { planLayer } from '../core/tucker/plan-layer.ts';
import type { Recipe } from '../core/tucker/recipe.ts';
import type { Multiply } from '../core/tensor/matrix-product.ts';
import { measureLayers } from './measure-layers.ts';
import { timeNetwork } from './time-network.ts';

export interface PlanOptions {
  readonly model: SegmentationModel;
  readonly inputShapes: Readonly<Record<string, Shape>>;
  readonly multiply: Multiply;
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

const cpu: Device = { provider: 'cpu', deviceId: 0, name: 'cpu' };

/**
 * What every rung makes of a network's layers, to be used for all its folds. Measures layers on this machine's CPU where
 * `layers` is `faster`, and whole networks for a budget of time.
 *
 * @throws BudgetError where no ranks meet a budget; OnnxFormatError; AppFailure `cancelled`
 */
export async function planRecipes(
  network: OnnxModel,
  rungs: readonly RankChoice[],
  layers: LayerChoice,
  options: PlanOptions,
): Promise<Recipe[]> {
  const { inputShapes, multiply } = options;
  const allocate = lazily(() => allocator(network, options));
  const estimate = (kernel: Kernel) => estimateKernelRanks(kernel, multiply);
  const rules: (RankRule | null)[] = [];
  for (const rung of rungs) {
    if (rung.kind === 'factor') rules.push(ranksByFactor(rung.factor, rung.rankMin));
    else if (rung.kind === 'budget') rules.push(null);
    else rules.push(await ranksByNoise(network, { inputShapes, estimate, rankMin: rung.rankMin }));
  }
  const decide = await decideBy(
    layers,
    network,
    rules.filter((rule) => rule !== null),
    options,
  );
  const recipes: Recipe[] = [];
  for (const [i, rung] of rungs.entries()) {
    const ranks = rules[i];
    if (ranks) recipes.push({ ranks, decide });
    else if (rung.kind === 'budget')
      recipes.push(
        await inItsUnit(rung.budget, allocateFor(rung.budget, network, await allocate(), options)),
      );
  }
  return recipes;
}

/**
 * A layer that multiplies this much less is taken to be faster. With the paper's factors one at 0.31 of the products took
 * 0.44 of the time, unfolded, on onnxruntime's CPU kernels; near 1 the two more passes over memory cost more than is saved.
 */
const surelyFaster = 0.6;

async function decideBy(
  choice: LayerChoice,
  network: OnnxModel,
  rules: readonly RankRule[],
  { inputShapes, threads, signal }: PlanOptions,
): Promise<Decide> {
  if (choice === 'all') return decomposeEvery;
  if (choice === 'cheaper') return decomposeWhereMacsFall;
  const inDoubt: RankedLayer[] = [];
  for (const layer of findLayers(network, inputShapes)) {
    if ('reason' in layer) continue;
    for (const rule of rules) {
      const { ranks, after, objection } = planLayer(layer, { ranks: rule, decide: decomposeWhereMacsFall });
      if (objection === null && isInDoubt(layer.cost, after)) inDoubt.push({ layer, ranks });
    }
  }
  const wanted = inDoubt.flatMap((each) => [each, { ...each, ranks: null }]);
  const probes = planProbes(network, inputShapes, wanted);
  const times = await measureLayers(probes, { device: cpu, threads, signal });
  const whereTimeFalls = decomposeWhereCostFalls(timedCosts(times));
  return (layer, after, ranks) =>
    decomposeWhereMacsFall(layer, after, ranks) ??
    (isInDoubt(layer.cost, after) ? whereTimeFalls(layer, after, ranks) : null);
}

function isInDoubt(before: LayerCost, after: LayerCost): boolean {
  return (after.macs ?? 0) > surelyFaster * (before.macs ?? 0);
}

/** Ranks within a limit of multiply-accumulates. */
type Allocate = (limit: number) => Allocation;

async function allocator(network: OnnxModel, { inputShapes, multiply }: PlanOptions): Promise<Allocate> {
  const layers = findLayers(network, inputShapes);
  const losses = await truncationLosses(layers, { errors: (kernel) => truncationErrors(kernel, multiply) });
  return (limit) => allocateRanks(layers, limit, { losses, costs: macCosts });
}

async function allocateFor(
  budget: Budget,
  network: OnnxModel,
  within: Allocate,
  { model, inputShapes, signal }: PlanOptions,
): Promise<Allocation> {
  const { macs } = measureCost(network, inputShapes);
  switch (budget.kind) {
    case 'share':
      return within(budget.share * macs);
    case 'macs':
      return within(budget.macs);
    case 'memory': {
      const measure = (recipe: Recipe) => peakMemory(network, recipe, inputShapes);
      return allocateWithin(within, macs, measure, budget.bytes);
    }
    case 'time': {
      const milliseconds = async (recipe: Recipe): Promise<number> => {
        const made = writeOnnx(await networkOfShapes(network, recipe, inputShapes));
        const request = { jobId: '', network: made, model, tileShape: model.patch, device: cpu };
        return 1000 * (await timeNetwork(request, { signal })).seconds;
      };
      return allocateWithin(within, macs, milliseconds, budget.milliseconds);
    }
  }
}

/** Says what is too little as the user would. */
async function inItsUnit<T>({ kind }: Budget, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof BudgetTooSmall)) throw error;
    const say = (value: number) => `${Number((value / units[kind].size).toPrecision(4))} ${units[kind].name}`;
    throw new BudgetError(
      `the budget allows ${say(error.limit)} for a patch, and the smallest ranks take ${say(error.least)}`,
    );
  }
}

const units: Readonly<Record<Budget['kind'], { readonly size: number; readonly name: string }>> = {
  share: { size: 1e9, name: 'GMAC' },
  macs: { size: 1e9, name: 'GMAC' },
  time: { size: 1, name: 'ms' },
  memory: { size: 1e6, name: 'MB' },
};

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
