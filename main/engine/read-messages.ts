import { setImmediate } from 'node:timers/promises';
import { AppFailure } from '../contract/app-error.ts';

/**
 * onnxruntime blocks the thread: between its calls the engine has to read its messages, or nothing is cancelled. Throws
 * AppFailure `cancelled`.
 */
export async function readMessages(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
}
