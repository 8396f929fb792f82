import type { TunedNetworks, TuneRequest } from '../../contract/tune-request.ts';
import type { Pool } from '../pool.ts';
import { tuneNetworks } from './tune-networks.ts';
import type { Send } from '../port.ts';

interface Context {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: Send;
}

/** Tunes, telling how far it is and sending checkpoints. Errors as of `tuneNetworks`. */
export function answerTune(request: TuneRequest, { pool, signal, send }: Context): Promise<TunedNetworks> {
  const { jobId } = request;
  return tuneNetworks(request, {
    pool,
    signal,
    onProgress: (progress) => send({ type: 'progress', jobId, progress }),
    onCheckpoint: (checkpoint) => send({ type: 'checkpoint', jobId, checkpoint }),
  });
}
