import type { AnswerOf, RequestKind, RequestOf } from '../contract/engine-protocol.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { Context } from './context.ts';
import type { EngineClient, RequestOptions } from './engine-client.ts';

/**
 * An engine for what the window shows, beside the one that segments: images have to come while a job runs. It starts
 * with the first request, does one after the other, and is started again after it died.
 */
export interface ViewEngine {
  /** Throws AppFailure as `EngineClient.ask` does. */
  readonly ask: <K extends RequestKind>(
    kind: K,
    request: Omit<RequestOf<K>, 'jobId'>,
    options?: RequestOptions,
  ) => Promise<AnswerOf<K>>;
  readonly close: () => Promise<void>;
}

export function createViewEngine({ startEngine, newId }: Pick<Context, 'startEngine' | 'newId'>): ViewEngine {
  let engine: EngineClient | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask: (kind, request, options = {}) => {
      const answer = last.then(async () => {
        // Nobody waits for it any more: those behind it do.
        if (options.signal?.aborted) throw new AppFailure({ code: 'cancelled' });
        engine ??= startEngine();
        try {
          return await engine.ask(kind, { ...request, jobId: newId() } as RequestOf<typeof kind>, options);
        } catch (error) {
          if (error instanceof AppFailure && error.error.code === 'engine-died') engine = null;
          throw error;
        }
      });
      last = answer.catch(() => undefined);
      return answer;
    },
    close: async () => {
      await engine?.close();
      engine = null;
    },
  };
}
