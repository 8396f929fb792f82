import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { openDatabase } from '../db/database.ts';
import { connectEngine } from '../services/engine-client.ts';
import { forkEngine } from '../services/fork-engine.ts';
import { runCommand } from './run-command.ts';

/** Composition root of the headless command: builds everything, no logic. It is built to dist/, beside the engine. */
export async function start(): Promise<void> {
  const dist = import.meta.dirname;
  const root = join(dist, '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  process.exitCode = await runCommand(process.argv.slice(2), {
    version,
    openContext: (dataDir) => ({
      db: openDatabase(resolve(dataDir ?? envPaths('thinslice', { suffix: '' }).data)),
      startEngine: () => connectEngine(forkEngine(join(dist, 'engine.js'))),
      appVersion: version,
      resourcesDir: join(root, 'resources'),
      now: () => new Date().toISOString(),
      newId: randomUUID,
    }),
  });
}
