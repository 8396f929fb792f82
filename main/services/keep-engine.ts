import type { Context } from './context.ts';
import type { EngineClient } from './engine-client.ts';

/** A source of engines for pieces of work that follow one another, which hands out one engine again and again. */
export interface KeptEngine extends Pick<Context, 'startEngine'> {
  readonly end: () => Promise<void>;
}

/**
 * Saves the start of an engine for each piece of work: one that is closed after it answered all it was asked is kept for
 * the next. After a failure it is closed indeed: nobody knows what it may still be at, or whether it lives.
 */
export function keepEngine({ startEngine }: Pick<Context, 'startEngine'>): KeptEngine {
  let idle: EngineClient | null = null;
  let isOver = false;
  return {
    startEngine: () => {
      const engine = idle ?? startEngine();
      idle = null;
      let failed = false;
      return {
        ask: async (...request) => {
          try {
            return await engine.ask(...request);
          } catch (error) {
            failed = true;
            throw error;
          }
        },
        close: async () => {
          if (failed || idle || isOver) await engine.close();
          else idle = engine;
        },
      };
    },
    end: async () => {
      // What somebody is still at is closed when they are done.
      isOver = true;
      await idle?.close();
      idle = null;
    },
  };
}
