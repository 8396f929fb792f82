import type { ResultSummary } from '../../../main/contract/ipc/result-channels.ts';
import type { VolumeRef } from '../../../main/contract/ipc/study-channels.ts';
import { ask } from '../../api.ts';

/** The stored results of a volume, or all, the newest first. */
export class ResultsState {
  results = $state.raw<readonly ResultSummary[]>([]);
  error = $state.raw<unknown>(null);
  /** Answers overtake each other: only what was asked last counts. */
  #asked = 0;

  async load(volume: VolumeRef | null): Promise<void> {
    const asked = ++this.#asked;
    try {
      const results = await ask('results.list', volume);
      if (asked !== this.#asked) return;
      this.results = results;
      this.error = null;
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    }
  }
}
