import type { FolderView } from '../../../main/contract/ipc/study-channels.ts';
import { ask } from '../../api.ts';

/** The folder that is open, and how it got there. */
class StudiesState {
  folder = $state.raw<FolderView | null>(null);
  error = $state.raw<unknown>(null);
  scanning = $state<string | null>(null);

  async open(path: string): Promise<void> {
    this.scanning = path;
    this.error = null;
    try {
      this.folder = await ask('studies.scan', path);
    } catch (error) {
      this.error = error;
    } finally {
      this.scanning = null;
    }
  }
}

export const studies = new StudiesState();
