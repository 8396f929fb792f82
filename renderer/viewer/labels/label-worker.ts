import { AppFailure } from '../../../main/contract/app-error.ts';
import type { FromLabelWorker, LabelAnswers, ToLabelWorker } from './worker-messages.ts';

type Ask<K extends keyof LabelAnswers> = Omit<Extract<ToLabelWorker, { kind: K }>, 'id' | 'kind'>;

/** The worker that holds a labelmap. It answers in the order in which it is asked. */
export class LabelWorker {
  #worker = new Worker(new URL('./labels.worker.ts', import.meta.url), { type: 'module' });
  #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: unknown) => void }>();
  #last = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromLabelWorker>) => this.#receive(data);
    this.#worker.onerror = ({ message }) => this.#fail(new Error(message));
  }

  /** Throws AppFailure for what a person can act on. */
  ask<K extends keyof LabelAnswers>(
    kind: K,
    message: Ask<K>,
    transfer: Transferable[] = [],
  ): Promise<LabelAnswers[K]> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, kind, ...message }, transfer);
    });
  }

  close(): void {
    this.#worker.terminate();
    this.#waiting.clear();
  }

  #receive(message: FromLabelWorker): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (!waiting) return;
    if (message.ok) return waiting.resolve(message.answer as never);
    const { error } = message;
    waiting.reject(typeof error === 'string' ? new Error(error) : new AppFailure(error));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
