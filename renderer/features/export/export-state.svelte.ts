import type { ExportedFile, ExportFormat } from '../../../main/contract/engine-protocol.ts';
import type { ExportProgress } from '../../../main/contract/ipc/export-channels.ts';
import { ask, listen } from '../../api.ts';
import { settings } from '../../settings.svelte.ts';

/** What is written where; it goes on while another tab or page is looked at. */
class ExportState {
  formats = $state.raw<readonly ExportFormat[]>(['seg', 'csv', 'pdf']);
  /** Chosen for this time; null: that of the settings, or asked for. */
  chosenFolder = $state<string | null>(null);
  progress = $state.raw<ExportProgress | null>(null);
  files = $state.raw<readonly ExportedFile[]>([]);
  error = $state.raw<unknown>(null);

  constructor() {
    listen('results.exportProgress', (progress) => {
      if (this.progress) this.progress = progress;
    });
  }

  get folder(): string | null {
    return this.chosenFolder ?? settings.current.outputFolder;
  }

  toggle(format: ExportFormat): void {
    this.formats = this.formats.includes(format)
      ? this.formats.filter((each) => each !== format)
      : [...this.formats, format];
  }

  async choose(): Promise<void> {
    this.chosenFolder = (await ask('app.choosePath', 'output-folder')) ?? this.chosenFolder;
  }

  async run(resultId: string): Promise<void> {
    if (this.folder === null) await this.choose();
    const { folder } = this;
    if (folder === null) return;
    this.progress = { resultId, done: 0, total: this.formats.length };
    this.files = [];
    this.error = null;
    try {
      this.files = await ask('results.export', { resultId, formats: [...this.formats], folder });
    } catch (error) {
      this.error = error;
    } finally {
      this.progress = null;
    }
  }

  async cancel(): Promise<void> {
    await ask('results.cancelExport');
  }
}

export const exporting = new ExportState();
