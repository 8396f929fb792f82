import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseArguments } from '../../../main/window/parse-arguments.ts';

const cwd = resolve('/home/someone');

test.each<[argv: string[], isDevelopment: boolean, folder: string | null, dataDir: string | null]>([
  [['thinslice-app'], false, null, null],
  [['thinslice-app', 'study'], false, 'study', null],
  [['thinslice-app', '/mnt/study'], false, '/mnt/study', null],
  [['electron', '.', 'study'], true, 'study', null],
  [['electron', '.'], true, null, null],
  [['thinslice-app', '--no-sandbox', '--lang=de', 'study'], false, 'study', null],
  [['thinslice-app', '--data', 'd', 'study'], false, 'study', 'd'],
  [['thinslice-app', 'study', '--data=d'], false, 'study', 'd'],
  [['thinslice-app', '--data'], false, null, null],
  [['thinslice-app', '--data=', ''], false, null, null],
  [['thinslice-app', '--allow-file-access-from-files', 'Größe 5/ü'], false, 'Größe 5/ü', null],
])('%j', (argv, isDevelopment, folder, dataDir) => {
  const absolute = (path: string | null) => (path === null ? null : resolve(cwd, path));
  expect(parseArguments(argv, isDevelopment, cwd)).toEqual({
    folder: absolute(folder),
    dataDir: absolute(dataDir),
  });
});
