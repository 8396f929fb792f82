import type { RunOrder, RunPlan } from '../../../main/contract/ipc/job-channels.ts';
import type { VolumeRef } from '../../../main/contract/ipc/study-channels.ts';
import { ask } from '../../api.ts';
import { settings } from '../../settings.svelte.ts';

/** What would be run on a volume, and what the user wants otherwise. */
export class RunState {
  order = $state.raw<RunOrder | null>(null);
  plan = $state.raw<RunPlan | null>(null);
  error = $state.raw<unknown>(null);
  isPlanning = $state(false);
  /** Plans overtake each other: only the last one counts. */
  #asked = 0;

  /** Begins anew with what the settings say. */
  async open(volume: VolumeRef): Promise<void> {
    const { model, device, timeWish } = settings.current;
    this.plan = null;
    await this.#ask({ volume, model, variant: 'auto', device, maxSeconds: timeWish, channels: {} });
  }

  async change(change: Partial<RunOrder>): Promise<void> {
    if (!this.order) return;
    // Variants and channels are those of a model.
    const anew = change.model === undefined ? {} : { variant: 'auto', channels: {} };
    await this.#ask({ ...this.order, ...anew, ...change });
  }

  async enqueue(): Promise<void> {
    if (!this.order) return;
    this.error = null;
    try {
      await ask('jobs.enqueue', this.order);
    } catch (error) {
      this.error = error;
    }
  }

  async #ask(order: RunOrder): Promise<void> {
    const asked = ++this.#asked;
    this.order = order;
    this.error = null;
    this.isPlanning = true;
    try {
      const plan = await ask('jobs.plan', order);
      if (asked === this.#asked) this.plan = plan;
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    } finally {
      if (asked === this.#asked) this.isPlanning = false;
    }
  }
}
