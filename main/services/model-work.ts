import { AppFailure } from '../contract/app-error.ts';
import type { ModelWork, ModelWorkKind } from '../contract/ipc/model-channels.ts';
import { because } from '../contract/known-cause.ts';
import type { ModelWorkProgress } from '../contract/model-message.ts';

/** News at most so often: a window does not draw faster. */
const newsEveryMs = 100;

export interface WorkControls {
  readonly signal: AbortSignal;
  readonly report: (progress: ModelWorkProgress) => void;
}

/** The one piece of work with models that is done at a time: it is told of, and can be cancelled. */
export class ModelWorkSlot {
  #work: ModelWork | null = null;
  #abort: AbortController | null = null;
  #toldAt = 0;
  readonly #onChange: (work: ModelWork | null) => void;

  constructor(onChange: (work: ModelWork | null) => void) {
    this.#onChange = onChange;
  }

  get current(): ModelWork | null {
    return this.#work;
  }

  /** Throws AppFailure `usage` while something else is done, and what the work throws. */
  async run<T>(
    kind: ModelWorkKind,
    subject: string,
    work: (controls: WorkControls) => Promise<T>,
  ): Promise<T> {
    if (this.#work) {
      throw new AppFailure({ code: 'usage', ...because({ code: 'work-busy' }) });
    }
    const abort = new AbortController();
    this.#abort = abort;
    const begun = { stage: null, done: 0, total: 0, secondsLeft: null, step: null, isCancelling: false };
    this.#tell({ kind, subject, ...begun });
    try {
      return await work({
        signal: abort.signal,
        report: (progress) => {
          if (this.#work) this.#tellSoon({ ...this.#work, ...progress });
        },
      });
    } finally {
      this.#abort = null;
      this.#tell(null);
    }
  }

  cancel(): void {
    if (!this.#work || !this.#abort) return;
    this.#tell({ ...this.#work, isCancelling: true });
    this.#abort.abort();
  }

  #tellSoon(work: ModelWork): void {
    const isNew = work.step !== this.#work?.step || work.stage !== this.#work?.stage;
    if (isNew || Date.now() - this.#toldAt >= newsEveryMs) this.#tell(work);
    else this.#work = work;
  }

  #tell(work: ModelWork | null): void {
    this.#work = work;
    this.#toldAt = Date.now();
    this.#onChange(work);
  }
}
