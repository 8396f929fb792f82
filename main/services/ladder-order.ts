import { AppFailure } from '../contract/app-error.ts';
import type { LadderOrder } from '../contract/ipc/model-channels.ts';
import type { RankChoice } from '../contract/variant-recipe.ts';
import { BudgetError, parseBudget } from '../core/tucker/allocate/budget.ts';
import { paperRankMin } from '../core/tucker/choose-ranks.ts';
import type { CompressOrder } from './compress.ts';

/** What the window asks for as an order for `compressStoredModel`. Throws AppFailure `usage`. */
export function asCompressOrder({ method, ranks, calibrateOn }: LadderOrder): CompressOrder {
  const rungs = 'factors' in ranks ? ranks.factors.map(byFactor) : ranks.budgets.map(byBudget);
  return {
    rungs: unique(rungs),
    layers: 'faster',
    method,
    precision: 'fp32',
    calibrateOn: method === 'aware' ? calibrateOn : [],
    threads: 0,
  };
}

function byFactor(factor: number): RankChoice {
  return { kind: 'factor', factor, rankMin: paperRankMin };
}

function byBudget(text: string): RankChoice {
  try {
    return { kind: 'budget', budget: parseBudget(text) };
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    throw new AppFailure({ code: 'usage', detail: error.message, cause: { code: 'no-budget', text } });
  }
}

function unique(rungs: readonly RankChoice[]): RankChoice[] {
  return [...new Map(rungs.map((rung) => [JSON.stringify(rung), rung])).values()];
}
