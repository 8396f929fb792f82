import type { ResultSummary } from '../../../main/contract/ipc/result-channels.ts';
import type { VolumeRef } from '../../../main/contract/ipc/study-channels.ts';
import { ask } from '../../api.ts';

/** The stored results of a volume, or all, the newest first. */
export class ResultsState {
  results = $state.raw<readonly ResultSummary[]>([]);
  error = $state.raw<unknown>(null);

  async load(volume: VolumeRef | null): Promise<void> {
    try {
      this.results = await ask('results.list', volume);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}
