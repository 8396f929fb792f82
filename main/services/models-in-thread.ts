import { Worker } from 'node:worker_threads';
import { AppFailure } from '../contract/app-error.ts';
import type {
  FromModelThread,
  ModelRequestKind,
  ModelRequests,
  ModelThreadData,
  ToModelThread,
} from '../contract/model-message.ts';

export interface AskModelsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What is heavy about models, in a thread of its own that lives from the first request on. */
export interface ModelsInThread {
  /** One request at a time. Throws AppFailure: what the thread says, `cancelled`. */
  readonly ask: <K extends ModelRequestKind>(
    kind: K,
    args: ModelRequests[K]['args'],
    options?: AskModelsOptions,
  ) => Promise<ModelRequests[K]['answer']>;
  /** Ends the thread; what was read and not stored is gone. */
  readonly close: () => Promise<void>;
}

/** `entry` is the built `model-thread.ts`. */
export function modelsInThread(entry: string, data: ModelThreadData): ModelsInThread {
  let thread: Worker | null = null;
  const running = (): Worker => {
    if (thread) return thread;
    const started = new Worker(entry, { workerData: data });
    // Also after a bug: the next request starts another one.
    started.once('exit', () => {
      if (thread === started) thread = null;
    });
    thread = started;
    return started;
  };
  return {
    ask: (kind, args, { signal, onProgress } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(new AppFailure({ code: 'cancelled' }));
        const worker = running();
        const say = (message: ToModelThread): void => worker.postMessage(message);
        const cancel = (): void => say({ type: 'cancel' });
        const onExit = (code: number): void => reject(new Error(`the thread for models ended with ${code}`));
        const finish = (act: () => void): void => {
          signal?.removeEventListener('abort', cancel);
          worker.off('message', listen).off('error', fail).off('exit', onExit);
          act();
        };
        const fail = (error: unknown): void => finish(() => reject(error));
        const listen = (message: FromModelThread): void => {
          if (message.type === 'progress') return onProgress?.(message.done, message.total);
          if (message.type === 'failed') return finish(() => reject(new AppFailure(message.error)));
          finish(() => resolve(message.answer as ModelRequests[typeof kind]['answer']));
        };
        worker.on('message', listen).once('error', fail).once('exit', onExit);
        signal?.addEventListener('abort', cancel, { once: true });
        say({ type: 'request', kind, args } as ToModelThread);
      }),
    close: async () => {
      await thread?.terminate();
    },
  };
}
