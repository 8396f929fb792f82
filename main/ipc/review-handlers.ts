import type { Context } from '../services/context.ts';
import { resultSummary } from '../services/result-views.ts';
import { compareResults, reviewResult } from '../services/reviews.ts';
import type { ViewEngine } from '../services/view-engine.ts';
import type { Handlers } from './bind.ts';

export function reviewHandlers(context: Context, engine: ViewEngine) {
  return {
    'results.review': ({ id, state, note }) => {
      reviewResult(context, id, state, note);
      return resultSummary(context, id);
    },
    'results.compare': (pair) => compareResults(context, engine, pair),
  } satisfies Partial<Handlers>;
}
