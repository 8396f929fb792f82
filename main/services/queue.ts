import { AppFailure, type AppError } from '../contract/app-error.ts';
import type {
  JobNews,
  JobProgress,
  JobStage,
  JobView,
  QueueState,
  RunOrder,
} from '../contract/ipc/job-channels.ts';
import { deleteSlabs, setJobState, type JobRow } from '../db/queries/jobs.ts';
import {
  deleteQueued,
  findNextQueued,
  findQueued,
  interruptQueued,
  listStrayJobs,
  listQueued,
  nextPosition,
  putQueued,
  type QueueRow,
} from '../db/queries/queue.ts';
import { asDatabaseFailure, writeUnsynced } from '../db/database.ts';
import { automatic, type Decision } from './choose.ts';
import type { Context } from './context.ts';
import { getJob, markInterruptedJobs, type JobOptions } from './jobs.ts';
import { getModel } from './models.ts';
import { keepEngine } from './keep-engine.ts';
import { asChoiceView, asSegmentationOrder, modelOf } from './plan-view.ts';
import { planRun, runSegmentation } from './run-segmentation.ts';
import { titleOf } from './queue-title.ts';

export interface QueueOptions extends Pick<JobOptions, 'watchMemory'> {
  readonly onChange: (job: JobView) => void;
  /** A fault of the program's own, which ends the segmentation that it happened in. */
  readonly onBug: (error: unknown) => void;
}

/** What is known of the one that runs and is not stored. */
interface Running {
  readonly id: string;
  /** As it is stored: not to be read for each news. */
  row: QueueRow;
  readonly abort: AbortController;
  progress: JobProgress;
}

/** An engine that died, or a disk that is full, costs no finished slab: the job can go on. */
const canGoOn: readonly AppError['code'][] = ['engine-died', 'database-unusable'];

/**
 * The segmentations that the window asked for: one runs at a time, in their order, the others wait. What the program was
 * closed over is `interrupted`, until somebody goes on with it. Everything but the progress is stored.
 */
export class Queue {
  readonly #context: Context;
  readonly #options: QueueOptions;
  #running: Running | null = null;
  #isStopped = false;

  constructor(context: Context, options: QueueOptions) {
    this.#context = context;
    this.#options = options;
    markInterruptedJobs(context);
    interruptQueued(context.db);
    this.#adopt();
  }

  /** Something runs or waits. */
  get isBusy(): boolean {
    return this.#running !== null || findNextQueued(this.#context.db) !== undefined;
  }

  list(): JobView[] {
    return listQueued(this.#context.db).map((row) => this.#view(row));
  }

  /** Puts an order behind all others. Throws AppFailure where it could not run for what it names. */
  async enqueue(order: RunOrder): Promise<JobView> {
    const { db, newId, now } = this.#context;
    const model = await modelOf(this.#context, order);
    const { input } = asSegmentationOrder(this.#context, order, model);
    const row: QueueRow = {
      id: newId(),
      position: nextPosition(db),
      state: 'waiting',
      // The bundled model is named by what it is: another version of the program may bring another.
      order: { ...order, model: model.id },
      title: titleOf(input, model.name),
      jobId: null,
      resultId: null,
      choice: null,
      news: [],
      error: null,
      createdAt: now(),
      startedAt: null,
      endedAt: null,
    };
    this.#put(row);
    this.#next();
    return this.#view(findQueued(db, row.id) ?? row);
  }

  /** Ends a waiting one at once, the running one at the end of its step. Throws AppFailure `not-found`. */
  cancel(id: string): void {
    const row = this.#get(id);
    if (this.#running?.id === id) {
      this.#running.abort.abort();
      this.#running.progress = { ...this.#running.progress, isCancelling: true };
      this.#options.onChange(this.#view(row));
    } else if (row.state === 'waiting') {
      this.#put({ ...row, state: 'cancelled', endedAt: this.#context.now() });
    }
  }

  /** Puts one that was interrupted, failed or cancelled behind all others. Throws AppFailure `not-found`. */
  resume(id: string): void {
    const row = this.#get(id);
    if (!['interrupted', 'failed', 'cancelled'].includes(row.state)) return;
    const position = nextPosition(this.#context.db);
    this.#put({ ...row, position, state: 'waiting', error: null, startedAt: null, endedAt: null });
    this.#next();
  }

  /** Takes one that does not wait or run off the list. Throws AppFailure `not-found`. */
  forget(id: string): void {
    const { db, now } = this.#context;
    const { state, jobId } = this.#get(id);
    if (state === 'waiting' || state === 'running') return;
    db.transaction(() => {
      deleteQueued(db, id);
      // Nobody goes on with it any more: its slabs need not be kept.
      if (jobId === null || getJob(db, jobId).state !== 'interrupted') return;
      setJobState(db, jobId, 'cancelled', null, now());
      deleteSlabs(db, jobId);
    }).immediate();
  }

  /** The program ends: nothing is begun or stored any more. What runs is found interrupted at the next start. */
  stop(): void {
    this.#isStopped = true;
  }

  /** What a command was killed over can be gone on with here too. */
  #adopt(): void {
    const { db, newId } = this.#context;
    for (const { id, volume, model, variant } of listStrayJobs(db)) {
      const { input, createdAt, device: ran } = getJob(db, id);
      // Labels of another device would differ: it would begin anew there.
      const device = ran === 'cpu' ? ran : automatic;
      putQueued(db, {
        id: newId(),
        position: nextPosition(db),
        state: 'interrupted',
        order: { volume, model, variant, device, maxSeconds: null, channels: {} },
        title: titleOf(input, getModel(db, model).name),
        jobId: id,
        resultId: null,
        choice: null,
        news: [],
        error: null,
        createdAt,
        startedAt: null,
        endedAt: null,
      });
    }
  }

  #get(id: string): QueueRow {
    const row = findQueued(this.#context.db, id);
    if (!row) throw new AppFailure({ code: 'not-found', what: 'job', id });
    return row;
  }

  #view(row: QueueRow): JobView {
    const { position: _position, jobId: _jobId, ...rest } = row;
    const progress = this.#running?.id === row.id ? this.#running.progress : null;
    return { ...rest, volume: row.order.volume, progress };
  }

  #put(row: QueueRow): void {
    const isLasting = !['waiting', 'running'].includes(row.state);
    if (isLasting) putQueued(this.#context.db, row);
    else writeUnsynced(this.#context.db, () => putQueued(this.#context.db, row));
    if (this.#running?.id === row.id) this.#running.row = row;
    this.#options.onChange(this.#view(row));
  }

  #change(id: string, change: (row: QueueRow) => Partial<QueueRow>): void {
    const row = this.#get(id);
    this.#put({ ...row, ...change(row) });
  }

  /** Begins what waits first, unless something runs. */
  #next(): void {
    if (this.#running || this.#isStopped) return;
    const row = findNextQueued(this.#context.db);
    if (!row) return;
    const progress = { stage: 'plan', done: 0, total: 1, secondsLeft: null, isCancelling: false } as const;
    this.#running = { id: row.id, row, abort: new AbortController(), progress };
    this.#put({ ...row, state: 'running', startedAt: this.#context.now(), news: [] });
    void this.#run(row, this.#running).then((end) => {
      this.#running = null;
      if (this.#isStopped) return;
      this.#change(row.id, () => ({ ...end, endedAt: this.#context.now() }));
      this.#next();
    });
  }

  async #run(row: QueueRow, running: Running): Promise<Partial<QueueRow>> {
    try {
      return { state: 'done', resultId: await this.#segment(row, running) };
    } catch (caught) {
      const error = asDatabaseFailure(caught, this.#context.db.name);
      if (error instanceof AppFailure) return { state: endState(error.error), error: error.error };
      if (!this.#isStopped) this.#options.onBug(error);
      return { state: 'failed', error: { code: 'bug', detail: String(error) } };
    }
  }

  async #segment({ id, order, jobId }: QueueRow, running: Running): Promise<string> {
    const context = this.#context;
    const { signal } = running.abort;
    const model = await modelOf(context, order);
    // What an interrupted run read it reads again, also where the folder was scanned anew since.
    const input = jobId === null ? undefined : getJob(context.db, jobId).input;
    const work = asSegmentationOrder(context, order, model, input);
    const show = (stage: JobStage) => this.#show(running, { stage, done: 0, total: 1, secondsLeft: null });
    const candidates = await planRun(context, work, {
      signal,
      benchmark: true,
      onCheck: () => show('check'),
      onBenchmark: () => show('benchmark'),
    });
    const engine = keepEngine(context);
    try {
      const withEngine = { ...context, startEngine: engine.startEngine };
      const { result } = await runSegmentation(withEngine, work, candidates, {
        signal,
        watchMemory: this.#options.watchMemory,
        onProgress: (progress) => this.#show(running, progress),
        onJob: (job: JobRow) => this.#change(id, () => ({ jobId: job.id })),
        onDecision: ({ choice }) => this.#change(id, () => ({ choice: asChoiceView(choice) })),
        onSetback: (decision, { error }) => this.#tell(id, setback(decision, error)),
        onRestart: ({ error }) => this.#tell(id, { kind: 'restarted', detail: detailOf(error) }),
        onResume: (planes) => this.#tell(id, { kind: 'resumed', planes }),
      });
      return result.id;
    } finally {
      await engine.end();
    }
  }

  #tell(id: string, news: JobNews): void {
    this.#change(id, (row) => ({ news: [...row.news, news] }));
  }

  #show(running: Running, progress: Omit<JobProgress, 'isCancelling'>): void {
    running.progress = { ...progress, isCancelling: running.abort.signal.aborted };
    this.#options.onChange(this.#view(running.row));
  }
}

function endState({ code }: AppError): QueueState {
  if (code === 'cancelled') return 'cancelled';
  return canGoOn.includes(code) ? 'interrupted' : 'failed';
}

function setback({ choice }: Decision, error: AppError): JobNews {
  const { variant, device, tileShape } = choice;
  return { kind: 'setback', variant: variant.name, device: device.name, tileShape, error };
}

function detailOf(error: AppError): string {
  return 'detail' in error ? error.detail : '';
}
