import { z } from 'zod';
import { invoke, notify } from './channel.ts';

/** The program itself: what it is, what it was started with, and what only the main process may do. */
export const appChannels = {
  'app.info': invoke<AppInfo>()(z.void()),
  /** Of the packages that the program is made of or comes with. */
  'app.licences': invoke<readonly Licence[]>()(z.void()),
  /** Folders that were named on a command line, also that of a second start. */
  'app.folderNamed': notify<string>(),
  'app.copyText': invoke<void>()(z.string().max(1_000_000)),
  /** Shows a file that was exported in the system's file manager. */
  'app.showFile': invoke<void>()(z.string().max(4096)),
  /** A dialog of the system; null where it was dismissed. */
  'app.choosePath': invoke<string | null>()(
    z.enum(['study-folder', 'study-file', 'model', 'model-folder', 'public-key', 'output-folder']),
  ),
} as const;

export interface AppInfo {
  readonly version: string;
  readonly platform: string;
  /** Of the operating system, BCP 47. */
  readonly locale: string;
  /** Named on the command line; null where none was. */
  readonly folder: string | null;
  /** Where the database and the window's own files lie. */
  readonly dataDir: string;
  readonly versions: { readonly electron: string; readonly chrome: string; readonly node: string };
}

export interface Licence {
  readonly name: string;
  readonly version: string;
  /** SPDX. */
  readonly licence: string;
  readonly text: string;
}
