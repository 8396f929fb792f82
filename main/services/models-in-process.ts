import { AppFailure } from '../contract/app-error.ts';
import type {
  FromModelProcess,
  ModelRequestKind,
  ModelRequests,
  ModelWorkProgress,
  ToModelProcess,
} from '../contract/model-message.ts';

/** A started `model-process.ts`, whatever started it. */
export interface ModelProcess {
  readonly send: (message: ToModelProcess) => void;
  /** In place of who listened before. */
  readonly listen: (onMessage: (message: FromModelProcess) => void, onExit: (how: string) => void) => void;
  readonly kill: () => void;
}

export interface AskModelsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ModelWorkProgress) => void) | undefined;
}

/** What is heavy about models, in a process of its own that lives as long as it is needed. */
export interface ModelsInProcess {
  /** One request at a time. Throws AppFailure: what the process says, `cancelled`. */
  readonly ask: <K extends ModelRequestKind>(
    kind: K,
    args: ModelRequests[K]['args'],
    options?: AskModelsOptions,
  ) => Promise<ModelRequests[K]['answer']>;
}

export function modelsInProcess(start: () => ModelProcess): ModelsInProcess {
  let running: ModelProcess | null = null;
  return {
    ask: (kind, args, { signal, onProgress } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(new AppFailure({ code: 'cancelled' }));
        const child = (running ??= start());
        const cancel = (): void => child.send({ type: 'cancel' });
        const finish = (act: () => void): void => {
          signal?.removeEventListener('abort', cancel);
          // What was read waits in it to be accepted; after anything else it only takes memory.
          if (kind !== 'read') {
            running = null;
            child.kill();
          }
          act();
        };
        child.listen(
          (message) => {
            if (message.type === 'progress') onProgress?.(message.progress);
            else if (message.type === 'failed') finish(() => reject(new AppFailure(message.error)));
            else if (message.type === 'answer')
              finish(() => resolve(message.answer as ModelRequests[typeof kind]['answer']));
          },
          (how) => {
            if (running === child) running = null;
            reject(new AppFailure({ code: 'engine-died', detail: how }));
          },
        );
        signal?.addEventListener('abort', cancel, { once: true });
        child.send({ type: 'request', kind, args } as ToModelProcess);
      }),
  };
}
