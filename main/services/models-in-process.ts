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
  /** One after another. Throws AppFailure: what the process says, `cancelled`. */
  readonly ask: <K extends ModelRequestKind>(
    kind: K,
    args: ModelRequests[K]['args'],
    options?: AskModelsOptions,
  ) => Promise<ModelRequests[K]['answer']>;
}

/** What an import is made of; it may wait for a person between two of them, while other work goes on. */
const ofImports: readonly ModelRequestKind[] = ['read', 'store', 'discard'];

export function modelsInProcess(start: () => ModelProcess): ModelsInProcess {
  const imports = oneProcess(start);
  const others = oneProcess(start);
  return {
    ask: (kind, ...request) => (ofImports.includes(kind) ? imports : others).ask(kind, ...request),
  };
}

function oneProcess(start: () => ModelProcess): ModelsInProcess {
  let running: ModelProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const request: ModelsInProcess['ask'] = (kind, args, { signal, onProgress } = {}) =>
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
    });
  return {
    ask: (...order) => {
      const answer = last.then(() => request(...order));
      last = answer.catch(() => undefined);
      return answer;
    },
  };
}
