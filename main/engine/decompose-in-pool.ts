import { AppFailure } from '../contract/app-error.ts';
import type { Decompose } from '../core/tucker/compress-layer.ts';
import type { TuckerKernel } from '../core/tucker/kernel.ts';
import type { Pool } from './pool.ts';

/** Decomposing kernels in the worker threads. */
export interface PooledDecompose {
  /** Throws AppFailure `cancelled` where the signal was aborted before or meanwhile. */
  readonly decompose: Decompose;
  /** Waits for the kernels under way. */
  readonly settle: () => Promise<void>;
}

/**
 * A worker thread that is ended inside onnxruntime takes the whole process with it, and that is how a pool aborts a task.
 * So these tasks run to their end: the signal is met between kernels.
 */
export function decomposeInPool(pool: Pick<Pool, 'run'>, signal: AbortSignal | undefined): PooledDecompose {
  const underWay = new Set<Promise<unknown>>();
  const stopIfAborted = (): void => {
    if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
  };
  return {
    decompose: async (kernel, ranks) => {
      stopIfAborted();
      const task: Promise<TuckerKernel[]> = pool.run({ kernel, ranks }, { name: 'decomposeKernel' });
      underWay.add(task);
      try {
        return await task;
      } finally {
        underWay.delete(task);
        stopIfAborted();
      }
    },
    settle: async () => {
      await Promise.allSettled(underWay);
    },
  };
}
