import { AppFailure, type AppError } from '../contract/app-error.ts';
import type { TuningOrder, TuningOutcome, TuningView } from '../contract/ipc/tuning-channels.ts';
import type { ModelWorkProgress } from '../contract/model-message.ts';
import { because } from '../contract/known-cause.ts';
import { writeUnsynced } from '../db/database.ts';
import {
  deleteTuneOrder,
  findTuneOrder,
  putTuneOrder,
  type TuneOrderRow,
} from '../db/queries/tune-orders.ts';
import type { Context } from './context.ts';
import type { ModelWorkSlot } from './model-work.ts';
import type { ModelsInProcess } from './models-in-process.ts';

export interface TuningWorkOptions {
  readonly slot: ModelWorkSlot;
  readonly models: ModelsInProcess;
  readonly onChange: (view: TuningView | null) => void;
  readonly onBug: (error: unknown) => void;
}

/** News at most so often: a window does not draw faster. */
const newsEveryMs = 100;
const begun = { stage: null, done: 0, total: 0, secondsLeft: null, step: null } as const;
type Progress = Pick<TuningView, 'stage' | 'done' | 'total' | 'secondsLeft' | 'step'>;
const slotTaken = { code: 'usage', ...because({ code: 'work-busy' }) } as const;
/** What was learnt until then is kept: it can go on. */
const canGoOn: readonly AppError['code'][] = ['engine-died', 'database-unusable'];

/**
 * The one tuning that the window asked for: it takes the place of a piece of work with models while it computes, waits while
 * segmentations run, and is paused when the program begins, until somebody goes on with it.
 */
export class TuningWork {
  readonly #context: Context;
  readonly #options: TuningWorkOptions;
  #row: TuneOrderRow | null;
  #progress: Progress = begun;
  #ending: TuningView['ending'] = null;
  #isHeld = false;
  #isStopped = false;
  #toldAt = 0;

  constructor(context: Context, options: TuningWorkOptions) {
    this.#context = context;
    this.#options = options;
    this.#row = findTuneOrder(context.db);
    if (this.#row?.state === 'running' || this.#row?.state === 'waiting') this.#put({ state: 'paused' });
  }

  get view(): TuningView | null {
    if (!this.#row) return null;
    const { createdAt: _createdAt, ...row } = this.#row;
    return { ...row, ...this.#progress, ending: this.#ending };
  }

  /** Throws AppFailure `usage` where another one is not ended, or other work with models is done. */
  start(order: TuningOrder): void {
    const { db, newId, now } = this.#context;
    const old = this.#row;
    if (old && old.state !== 'done' && old.state !== 'failed') {
      throw new AppFailure({ code: 'usage', ...because({ code: 'tuning-busy' }) });
    }
    this.#checkSlot();
    if (old) deleteTuneOrder(db, old.id);
    const created = { id: newId(), order, createdAt: now() };
    this.#row = { ...created, state: 'paused', learning: null, outcome: null, error: null };
    this.#begin();
  }

  pause(): void {
    if (this.#row?.state === 'running') this.#end('pause');
    else if (this.#row?.state === 'waiting') this.#put({ state: 'paused' });
  }

  /** Throws AppFailure `usage` where other work with models is done. */
  goOn(): void {
    if (this.#row?.state !== 'paused' && this.#row?.state !== 'failed') return;
    this.#checkSlot();
    this.#begin();
  }

  /** Ends it, and takes it and its checkpoints away. */
  async discard(): Promise<void> {
    if (!this.#row) return;
    if (this.#row.state === 'running') this.#end('discard');
    else await this.#forget(this.#row.id);
  }

  /** Segmentations come first: it waits as long as there are some. */
  hold(isBusy: boolean): void {
    if (isBusy === this.#isHeld) return;
    this.#isHeld = isBusy;
    if (isBusy && this.#row?.state === 'running') this.#end('wait');
    if (isBusy || this.#row?.state !== 'waiting') return;
    if (this.#options.slot.current) this.#put({ state: 'paused', error: slotTaken });
    else this.#begin();
  }

  /** The program ends: nothing is stored any more. */
  stop(): void {
    this.#isStopped = true;
  }

  #checkSlot(): void {
    if (this.#options.slot.current) throw new AppFailure(slotTaken);
  }

  #begin(): void {
    this.#progress = begun;
    this.#ending = null;
    this.#put({ state: this.#isHeld ? 'waiting' : 'running', error: null });
    if (!this.#isHeld) this.#run(this.#row!).catch(this.#options.onBug);
  }

  #end(ending: NonNullable<TuningView['ending']>): void {
    // To wait is less than what a person asked for.
    if (ending === 'wait' && this.#ending !== null) return;
    this.#ending = ending;
    this.#tell();
    this.#options.slot.cancel();
  }

  async #run({ id, order }: TuneOrderRow): Promise<void> {
    try {
      const outcome = await this.#options.slot.run('tune', order.variant, ({ signal }) => {
        const onProgress = (progress: ModelWorkProgress): void => this.#take(progress);
        return this.#options.models.ask('tune', { id, order }, { signal, onProgress });
      });
      this.#finish(outcome);
    } catch (error) {
      await this.#fail(id, error);
    }
  }

  #finish(outcome: TuningOutcome): void {
    if (this.#isStopped) return;
    this.#ending = null;
    // On the disk before it is told: going on after that would learn all of it again.
    this.#put({ state: 'done', outcome }, (write) => write());
  }

  async #fail(id: string, caught: unknown): Promise<void> {
    if (this.#isStopped) return;
    const ending = this.#ending;
    this.#ending = null;
    if (ending === 'discard') {
      try {
        return await this.#forget(id);
      } catch (error) {
        caught = error;
      }
    }
    if (!(caught instanceof AppFailure)) this.#options.onBug(caught);
    const error: AppError =
      caught instanceof AppFailure ? caught.error : { code: 'bug', detail: String(caught) };
    if (error.code !== 'cancelled')
      return this.#put({ state: canGoOn.includes(error.code) ? 'paused' : 'failed', error });
    if (ending !== 'wait') return this.#put({ state: 'paused' });
    if (this.#isHeld) this.#put({ state: 'waiting' });
    else this.#begin();
  }

  /** In the process that has time: checkpoints are large. */
  async #forget(id: string): Promise<void> {
    const { slot, models } = this.#options;
    await slot.run('tune', this.#row!.order.variant, () => models.ask('forget-tuning', id));
    deleteTuneOrder(this.#context.db, id);
    this.#row = null;
    this.#tell();
  }

  #take({ learning, ...progress }: ModelWorkProgress): void {
    if (!this.#row || this.#isStopped) return;
    const before = this.#progress;
    this.#progress = { ...before, ...progress };
    const { learning: known } = this.#row;
    if (learning) this.#row = { ...this.#row, learning };
    // A judgement comes with a checkpoint.
    if (learning && learning.curve.judgements.length !== known?.curve.judgements.length) this.#put({});
    else if (before.stage !== this.#progress.stage || Date.now() - this.#toldAt >= newsEveryMs) this.#tell();
  }

  #put(
    change: Partial<TuneOrderRow>,
    store = (write: () => void): void => writeUnsynced(this.#context.db, write),
  ): void {
    const row = { ...this.#row!, ...change };
    this.#row = row;
    if (this.#isStopped) return;
    store(() => putTuneOrder(this.#context.db, row));
    this.#tell();
  }

  #tell(): void {
    this.#toldAt = Date.now();
    this.#options.onChange(this.view);
  }
}
