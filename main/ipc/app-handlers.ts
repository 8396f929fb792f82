import { readFile } from 'node:fs/promises';
import { clipboard, dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { AppInfo, Licence } from '../contract/ipc/app-channels.ts';
import type { Handlers } from './bind.ts';

export interface AppHandlerOptions {
  readonly info: AppInfo;
  /** The built `licences.json`. */
  readonly licencesFile: string;
  readonly window: () => BrowserWindow | null;
  /** Files that an export has written: only those are shown. */
  readonly exported: ReadonlySet<string>;
}

const dialogs: Readonly<Record<string, OpenDialogOptions>> = {
  'study-folder': { properties: ['openDirectory'] },
  // DICOM files have any name.
  'study-file': { properties: ['openFile'] },
  'model-folder': { properties: ['openDirectory'] },
  'output-folder': { properties: ['openDirectory', 'createDirectory'] },
  'public-key': { properties: ['openFile'], filters: [{ name: 'PEM', extensions: ['pem'] }] },
  model: {
    properties: ['openFile'],
    filters: [
      { name: 'nnU-Net zip, ONNX, Thinslice pack', extensions: ['zip', 'onnx', 'json', 'thinslice'] },
    ],
  },
};

export function appHandlers({ info, licencesFile, window, exported }: AppHandlerOptions) {
  return {
    'app.info': () => info,
    'app.licences': async () => JSON.parse(await readFile(licencesFile, 'utf8')) as readonly Licence[],
    'app.copyText': (text) => clipboard.writeText(text),
    'app.showFile': (path) => {
      if (exported.has(path)) shell.showItemInFolder(path);
    },
    'app.choosePath': async (kind) => {
      const parent = window();
      const options = dialogs[kind]!;
      const { filePaths } = await (parent
        ? dialog.showOpenDialog(parent, options)
        : dialog.showOpenDialog(options));
      return filePaths[0] ?? null;
    },
  } satisfies Partial<Handlers>;
}
