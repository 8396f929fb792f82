import type { DevicesView } from '../../../main/contract/ipc/device-channels.ts';
import { ask } from '../../api.ts';

/** What was found on this computer; kept while other pages are open. */
class DevicesState {
  view = $state.raw<DevicesView | null>(null);
  error = $state.raw<unknown>(null);
  checking = $state(false);

  /** Returns whether it is known now. */
  async look(again: boolean): Promise<boolean> {
    if (this.checking) return false;
    this.checking = true;
    this.error = null;
    try {
      this.view = await ask('devices.report', again);
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.checking = false;
    }
  }
}

export const devices = new DevicesState();
