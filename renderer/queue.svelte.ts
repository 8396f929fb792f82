import type { JobView } from '../main/contract/ipc/job-channels.ts';
import type { VolumeRef } from '../main/contract/ipc/study-channels.ts';
import { ask, listen } from './api.ts';
import { t } from './i18n/i18n.svelte.ts';
import { session } from './session.svelte.ts';
import { news } from './ui/news.svelte.ts';

/** The segmentations that were asked for, as the main process tells of them: read by any page. */
class QueueState {
  /** Those that wait and run first, in their order; then the others, the newest first. */
  jobs = $state.raw<readonly JobView[]>([]);
  /** Counts results that were made while the window is open: who lists results reads it. */
  finished = $state(0);

  async start(): Promise<void> {
    listen('jobs.changed', (job) => void this.#take(job));
    this.jobs = await ask('jobs.list');
    const left = this.jobs.filter(({ state }) => state === 'interrupted').length;
    if (left > 0) news.say(t('jobs.interruptedNews', { count: left }));
  }

  get running(): JobView | null {
    return this.jobs.find(({ state }) => state === 'running') ?? null;
  }

  of(volume: VolumeRef): readonly JobView[] {
    return this.jobs.filter((job) => isSame(job.volume, volume));
  }

  async resume(id: string): Promise<void> {
    await ask('jobs.resume', id);
  }

  async forget(id: string): Promise<void> {
    await ask('jobs.forget', id);
    this.jobs = this.jobs.filter((job) => job.id !== id);
  }

  async #take(job: JobView): Promise<void> {
    const before = this.jobs.find(({ id }) => id === job.id);
    if (before?.state === job.state) {
      this.jobs = this.jobs.map((each) => (each.id === job.id ? job : each));
      return;
    }
    this.jobs = await ask('jobs.list');
    if (before) this.#tell(job);
  }

  #tell(job: JobView): void {
    const title = { series: job.title.seriesDescription, model: job.title.modelName };
    if (job.state === 'done') {
      this.finished++;
      // Its labels appear where nobody looks at others.
      if (session.volume && isSame(session.volume, job.volume)) session.resultId = job.resultId;
      news.say(t('jobs.doneNews', title), 'good');
    }
    if (job.state === 'failed' || job.state === 'interrupted') news.say(t('jobs.failedNews', title), 'bad');
  }
}

export function isSame(a: VolumeRef, b: VolumeRef): boolean {
  return a.studyUid === b.studyUid && a.volumeId === b.volumeId;
}

export const queue = new QueueState();
