import { basename } from 'node:path';
import { dialog, type BrowserWindow } from 'electron';

/** Asks where a file goes; null where that was dismissed. Overwriting was then agreed to. */
export async function chooseSaveFile(window: BrowserWindow | null, name: string): Promise<string | null> {
  const extension = basename(name).split('.').at(-1) ?? '';
  const options = { defaultPath: name, filters: [{ name: extension, extensions: [extension] }] };
  const { filePath } = await (window
    ? dialog.showSaveDialog(window, options)
    : dialog.showSaveDialog(options));
  return filePath === '' ? null : filePath;
}
