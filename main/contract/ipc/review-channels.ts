import { z } from 'zod';
import type { LabelFidelity } from '../../core/segment/6-measure/compare-labelmaps.ts';
import { reviewStates } from '../review.ts';
import { invoke } from './channel.ts';
import type { ResultSummary } from './result-channels.ts';

const resultId = z.string().min(1).max(64);

/** What a reader does with a result. An edited version is stored by `PUT` to the address of its labels. */
export const reviewChannels = {
  'results.review': invoke<ResultSummary>()(
    z.object({ id: resultId, state: z.enum(reviewStates), note: z.string().max(4000) }),
  ),
  /** Label by label, in the order of the reference's model; both lie over the same volume. */
  'results.compare': invoke<readonly LabelFidelity[]>()(
    z.object({ reference: resultId, compared: resultId }),
  ),
} as const;
