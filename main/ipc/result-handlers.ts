import type { Context } from '../services/context.ts';
import { resultSummaries, resultView } from '../services/result-views.ts';
import type { Handlers } from './bind.ts';
import { labelsPath } from './labels-route.ts';

export function resultHandlers(context: Context) {
  return {
    'results.list': (volume) => resultSummaries(context, volume),
    'results.get': (id) => ({ ...resultView(context, id), labelsUrl: labelsPath(id) }),
  } satisfies Partial<Handlers>;
}
