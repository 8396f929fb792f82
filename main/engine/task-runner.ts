import type { Piscina } from 'piscina';
import { splitRange } from './split-range.ts';
import type * as compareTasks from './tasks/compare.ts';
import type * as shapeTasks from './tasks/export-shapes.ts';
import type * as labelTasks from './tasks/label-by-rule.ts';
import type * as measureTasks from './tasks/measure.ts';
import type * as montageTasks from './tasks/paint-montage.ts';
import type * as preprocessTasks from './tasks/preprocess.ts';
import type * as restoreTasks from './tasks/restore.ts';

type Tasks = typeof preprocessTasks &
  typeof labelTasks &
  typeof measureTasks &
  typeof montageTasks &
  typeof shapeTasks &
  typeof restoreTasks &
  typeof compareTasks;
type TaskName = keyof Tasks;
type Input<K extends TaskName> = Parameters<Tasks[K]>[0];
type Output<K extends TaskName> = ReturnType<Tasks[K]>;

/** What a stage that works in the worker threads is given. */
export interface TaskContext {
  readonly pool: Pick<Piscina, 'run' | 'options'>;
  /** Aborting it ends running tasks at once; the stage then rejects. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Runs the exported functions of `tasks/` in the worker threads. Arrays inside a task are shared, not copied. */
export interface TaskRunner {
  readonly run: <K extends TaskName>(name: K, task: Input<K>) => Promise<Output<K>>;
  /** Cuts [0, size) into runs, a few for each thread, and does them all; results in order. */
  readonly overRange: <K extends TaskName>(
    name: K,
    size: number,
    task: (range: { readonly from: number; readonly to: number }) => Input<K>,
    onDone?: (size: number) => void,
  ) => Promise<Output<K>[]>;
}

/** Runs a thread: enough for an even load and a smooth progress bar, few enough to reuse each one's scratch memory. */
const RUNS_PER_THREAD = 8;

export function createTaskRunner({ pool, signal }: TaskContext): TaskRunner {
  const run: TaskRunner['run'] = (name, task) => pool.run(task, { name, ...(signal ? { signal } : {}) });
  return {
    run,
    overRange: (name, size, task, onDone) =>
      Promise.all(
        splitRange(0, size, pool.options.maxThreads * RUNS_PER_THREAD).map(async (range) => {
          const result = await run(name, task(range));
          onDone?.(range.to - range.from);
          return result;
        }),
      ),
  };
}
