import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';

/** The engine's worker threads: heavy loops over voxels, decoding, compressing. */
export type Pool = Piscina;

export interface PoolOptions {
  /** Default: one a core. */
  readonly threads?: number;
  /** The module that exports the tasks; default: the one built, or in sources, beside this module. */
  readonly workerUrl?: URL;
}

/** Starts no thread yet: they come with the first tasks and leave when idle. End it with `pool.destroy()`. */
export function createPool({
  threads = availableParallelism(),
  workerUrl = besideThisModule(),
}: PoolOptions = {}): Pool {
  const pool = new Piscina({
    filename: workerUrl.href,
    minThreads: 0,
    maxThreads: threads,
    // Threads keep their codecs between the stages of a job.
    idleTimeout: 30_000,
  });
  // An answer that was on its way when its task was aborted belongs to nobody any more. piscina (5.3) calls that an
  // error, and an error event that nobody listens to ends the process.
  pool.on('error', (error: Error) => {
    if (!error.message.startsWith('Unexpected message from Worker')) throw error;
  });
  return pool;
}

/** From sources (tests), Node runs the TypeScript itself. */
function besideThisModule(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './engine-worker.js', import.meta.url);
}
