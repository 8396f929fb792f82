import type { TuningOrder, TuningView } from '../../../main/contract/ipc/tuning-channels.ts';
import { ask, listen } from '../../api.ts';
import { t } from '../../i18n/i18n.svelte.ts';
import { news } from '../../ui/news.svelte.ts';
import { models } from './models-state.svelte.ts';

/** The one tuning that there is at a time; it goes on while other pages are open. */
class TuningState {
  current = $state.raw<TuningView | null>(null);
  error = $state.raw<unknown>(null);
  #isListening = false;

  /** Whether another one can be begun. */
  get isOpen(): boolean {
    return this.current !== null && this.current.state !== 'done' && this.current.state !== 'failed';
  }

  async load(): Promise<void> {
    if (!this.#isListening) {
      this.#isListening = true;
      listen('tuning.changed', (view) => void this.#take(view));
    }
    await this.#attempt(async () => {
      this.current = await ask('tuning.get');
    });
  }

  async start(order: TuningOrder): Promise<void> {
    await this.#attempt(() => ask('tuning.start', order));
  }

  async pause(): Promise<void> {
    await this.#attempt(() => ask('tuning.pause'));
  }

  async goOn(): Promise<void> {
    await this.#attempt(() => ask('tuning.goOn'));
  }

  async discard(): Promise<void> {
    await this.#attempt(() => ask('tuning.discard'));
  }

  async #take(view: TuningView | null): Promise<void> {
    const before = this.current;
    this.current = view;
    if (!view || view.state === before?.state) return;
    const { variant } = view.order;
    if (view.state === 'done') {
      const kept = view.outcome?.variant ?? null;
      if (kept === null) news.say(t('tuning.doneNot', { variant }));
      else news.say(t('tuning.doneKept', { variant: kept }), 'good');
      await models.load();
    } else if (view.error) news.say(t('tuning.stopped', { variant }), 'bad');
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      this.error = error;
    }
  }
}

export const tuning = new TuningState();
