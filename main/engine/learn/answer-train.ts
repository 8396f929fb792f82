import { AppFailure } from '../../contract/app-error.ts';
import type { TrainedNetwork, TrainRequest } from '../../contract/train-request.ts';
import { LearnError } from '../../core/learn/gradient/gradient-rule.ts';
import type { Pool } from '../pool.ts';
import { trainNetwork } from './train-network.ts';
import type { Send } from '../port.ts';

interface Context {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: Send;
}

/** Trains, telling how far it is and sending checkpoints. Errors as of `trainNetwork`. */
export async function answerTrain(
  request: TrainRequest,
  { pool, signal, send }: Context,
): Promise<TrainedNetwork> {
  const { jobId } = request;
  try {
    return await trainNetwork(request, {
      pool,
      signal,
      onProgress: (progress) => send({ type: 'progress', jobId, progress }),
      onCheckpoint: (steps, bytes) => {
        const finished = { networks: [], folds: [] };
        return send({ type: 'checkpoint', jobId, checkpoint: { fold: 0, steps, bytes, finished } });
      },
    });
  } catch (error) {
    if (!(error instanceof LearnError)) throw error;
    throw new AppFailure({ code: 'usage', detail: `This recipe’s network cannot learn: ${error.message}.` });
  }
}
