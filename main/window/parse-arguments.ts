import { resolve } from 'node:path';

export interface AppArguments {
  /** Absolute; null where none was named. */
  readonly folder: string | null;
  readonly dataDir: string | null;
}

/**
 * `thinslice-app [--data DIR] [FOLDER]`. Switches of Chromium's own stand among the arguments and are passed over.
 * `isDevelopment`: the first argument is the path of the program itself.
 */
export function parseArguments(argv: readonly string[], isDevelopment: boolean, cwd: string): AppArguments {
  const words: string[] = [];
  let dataDir: string | null = null;
  const args = argv.slice(1);
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (word === '--data') dataDir = args[++index] ?? null;
    else if (word.startsWith('--data=')) dataDir = word.slice('--data='.length);
    else if (word !== '' && !word.startsWith('-')) words.push(word);
  }
  const folder = words[isDevelopment ? 1 : 0];
  return {
    folder: folder === undefined ? null : resolve(cwd, folder),
    dataDir: dataDir === null || dataDir === '' ? null : resolve(cwd, dataDir),
  };
}
