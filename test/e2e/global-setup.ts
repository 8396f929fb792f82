import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { electronDist, root, testApp } from './electron-dist.ts';

/**
 * Puts an Electron together that finds the built app where a packaged one has it (`resources/app`), and a display where
 * there is none. Nothing where there is no Electron: the tests are then skipped.
 */
export default async function setup(): Promise<(() => void) | undefined> {
  const dist = electronDist();
  if (!dist) {
    process.stderr.write('There is no Electron here: the tests of the desktop app are skipped.\n');
    return undefined;
  }
  const folder = dirname(testApp);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  cpSync(dist, folder, { recursive: true, verbatimSymlinks: true });
  rmSync(join(folder, 'resources', 'default_app.asar'), { force: true });
  symlinkSync(root, join(folder, 'resources', 'app'));
  const display = process.env['DISPLAY'] ? null : await startDisplay();
  return () => {
    display?.kill();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Xvfb on a free display, its size that of a large workstation screen. */
async function startDisplay(): Promise<ChildProcess | null> {
  if (!existsSync('/usr/bin/Xvfb')) return null;
  const args = ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'];
  const xvfb = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = (await once(xvfb.stdio[3]!, 'data')) as [Buffer];
  process.env['DISPLAY'] = `:${number.toString().trim()}`;
  return xvfb;
}
