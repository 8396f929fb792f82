import { AppFailure } from '../../contract/app-error.ts';
import type { TunedNetworks, TuneRequest } from '../../contract/tune-request.ts';
import { LearnError } from '../../core/learn/gradient/gradient-rule.ts';
import { tuneFold, type TuneContext } from './tune-fold.ts';

/**
 * Distils each full network into the variant's network of the same fold, or lets each learn from labels. Each is learnt by
 * itself, in its part of the time.
 *
 * @throws AppFailure for images and labels that cannot be read, `out-of-memory` before the first step, `model-refused` for a
 *   network that cannot learn, `cancelled` within a step
 */
export async function tuneNetworks(request: TuneRequest, context: TuneContext): Promise<TunedNetworks> {
  const { checkpoint } = request;
  const networks = [...(checkpoint?.finished.networks ?? [])];
  const folds = [...(checkpoint?.finished.folds ?? [])];
  try {
    for (let fold = networks.length; fold < request.networks.length; fold++) {
      const tuned = await tuneFold(request, { networks, folds }, context);
      networks.push(tuned.network);
      folds.push(tuned.fold);
    }
    return { networks, folds };
  } catch (error) {
    if (!(error instanceof LearnError)) throw error;
    throw new AppFailure({ code: 'model-refused', path: request.model.name, detail: error.message });
  }
}
