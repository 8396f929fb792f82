import { AppFailure } from '../../contract/app-error.ts';
import type { Result } from '../../contract/app-error.ts';
import type { Pool } from '../pool.ts';

/** What loading works with: the worker threads, and how to be told to stop and tell how far it is. */
export interface LoadContext {
  readonly pool: Pick<Pool, 'run' | 'options'>;
  readonly signal?: AbortSignal;
  /** Slices finished so far; it starts over where a volume turns out to need float. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** One load task in a worker. Throws the AppError it answers with. */
export async function runLoadTask<Answer>(
  { pool, signal }: LoadContext,
  name: string,
  task: object,
): Promise<Answer> {
  const result = (await pool.run(task, { name, ...(signal ? { signal } : {}) })) as Result<Answer>;
  if (!result.ok) throw new AppFailure(result.error);
  return result.value;
}

/**
 * Does `items` in order, as many at a time as the pool has threads, until one fails or `work` answers false. Queueing
 * everything at once would leave the rest of a failed volume to be decoded for nobody.
 */
export async function inThreads<Item>(
  { pool, signal }: LoadContext,
  items: readonly Item[],
  work: (item: Item) => Promise<boolean>,
): Promise<boolean> {
  let next = 0;
  let goOn = true;
  const thread = async () => {
    while (goOn && next < items.length) {
      signal?.throwIfAborted();
      const item = items[next++]!;
      try {
        if (!(await work(item))) goOn = false;
      } catch (error) {
        goOn = false;
        throw error;
      }
    }
  };
  const threads = Math.min(pool.options.maxThreads, items.length);
  const ended = await Promise.allSettled(Array.from({ length: threads }, thread));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return goOn;
}
