#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { runCommand } from './cli/run-command.ts';
import { openDatabase } from './db/database.ts';
import { connectEngine } from './services/engine-client.ts';
import { forkEngine } from './services/fork-engine.ts';

// Composition root of the headless command: builds everything, no logic. Runs as dist/cli.js, beside dist/engine.js.
const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

process.exitCode = await runCommand(process.argv.slice(2), {
  version,
  openContext: (dataDir) => ({
    db: openDatabase(resolve(dataDir ?? envPaths('thinslice', { suffix: '' }).data)),
    startEngine: () => connectEngine(forkEngine(join(import.meta.dirname, 'engine.js'))),
    appVersion: version,
    resourcesDir: join(root, 'resources'),
    now: () => new Date().toISOString(),
    newId: randomUUID,
  }),
});
