import type { FolderView, RecentStudy } from '../../../main/contract/ipc/study-channels.ts';
import { AppFailure } from '../../../main/contract/app-error.ts';
import { ask, listen } from '../../api.ts';
import { thumbnails } from './thumbnails.ts';

export interface Scanning {
  readonly path: string;
  readonly filesSeen: number;
}

/** The folder that is open, how it got there, and the studies that were seen before. */
class StudiesState {
  folder = $state.raw<FolderView | null>(null);
  error = $state.raw<unknown>(null);
  scanning = $state.raw<Scanning | null>(null);
  wasCancelled = $state(false);
  /** null while nobody has asked. */
  recent = $state.raw<readonly RecentStudy[] | null>(null);
  #scans = 0;

  /** Opens a folder or a file; what is being read meanwhile is given up for it, and what is open stays until then. */
  async open(path: string): Promise<void> {
    const scan = ++this.#scans;
    const isLast = (): boolean => scan === this.#scans;
    this.scanning = { path, filesSeen: 0 };
    this.error = null;
    this.wasCancelled = false;
    const stop = listen('studies.scanProgress', ({ filesSeen }) => {
      if (isLast()) this.scanning = { path, filesSeen };
    });
    try {
      const folder = await ask('studies.scan', path);
      if (!isLast()) return;
      thumbnails.clear();
      this.folder = folder;
      await this.readRecent();
    } catch (error) {
      if (!isLast()) return;
      if (error instanceof AppFailure && error.error.code === 'cancelled') this.wasCancelled = true;
      else this.error = error;
    } finally {
      stop();
      if (isLast()) this.scanning = null;
    }
  }

  async cancel(): Promise<void> {
    await ask('studies.cancelScan');
  }

  async readRecent(): Promise<void> {
    try {
      this.recent = await ask('studies.recent');
    } catch (error) {
      this.error = error;
    }
  }

  async forget(studyUid: string): Promise<void> {
    try {
      await ask('studies.forget', studyUid);
      await this.readRecent();
    } catch (error) {
      this.error = error;
    }
  }
}

export const studies = new StudiesState();
