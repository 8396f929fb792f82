import type { VolumeRef } from '../main/contract/ipc/study-channels.ts';
import { router } from './router.svelte.ts';

/** What the viewer shows: set by any page, read by the viewer's parts. */
class Session {
  /** The volume on screen. */
  volume = $state.raw<VolumeRef | null>(null);
  /** The result whose labels lie over it. */
  resultId = $state<string | null>(null);
  /** A second result of the same volume, to compare with. */
  comparedId = $state<string | null>(null);

  /** The study whose jobs and results are listed; null: those of all. */
  listedStudyUid = $state<string | null>(null);

  /** Shows a volume, with the labels of a result where one is named. */
  show(volume: VolumeRef, resultId: string | null = null): void {
    this.volume = volume;
    this.resultId = resultId;
    this.comparedId = null;
    router.page = 'viewer';
  }

  /** Lists what there is of a study, also where its files are gone. */
  listResults(studyUid: string): void {
    this.listedStudyUid = studyUid;
    router.page = 'jobs';
  }
}

export const session = new Session();
