import { existsSync, rmSync } from 'node:fs';
import type { Database } from '../../native/sqlite/open-sqlite.ts';
import { AppFailure } from '../contract/app-error.ts';
import { createFirstSchema } from './migrations/0010-first-schema.ts';
import { addVariantsAndDevices } from './migrations/0020-variants-and-devices.ts';
import { addSettings } from './migrations/0030-settings.ts';
import { addResultVersions } from './migrations/0040-result-versions.ts';
import { addJobsByStudy } from './migrations/0050-jobs-by-study.ts';
import { addQueue } from './migrations/0060-queue.ts';
import { addTunings } from './migrations/0070-tunings.ts';
import { addTuneOrders } from './migrations/0080-tune-orders.ts';
import { addTrainings } from './migrations/0090-trainings.ts';

/** One step of the schema's history. A shipped step is never edited; a change is a new step. */
export interface Migration {
  readonly version: number;
  readonly up: (db: Database) => void;
}

export const migrations: readonly Migration[] = [
  { version: 10, up: createFirstSchema },
  { version: 20, up: addVariantsAndDevices },
  { version: 30, up: addSettings },
  { version: 40, up: addResultVersions },
  { version: 50, up: addJobsByStudy },
  { version: 60, up: addQueue },
  { version: 70, up: addTunings },
  { version: 80, up: addTuneOrders },
  { version: 90, up: addTrainings },
];

/**
 * Applies the steps that the file has not seen, all or none of them. A file that already holds data is copied to
 * `<path>.before-<version>` first. Throws AppFailure `database-unusable` for a file from a newer program.
 */
export function migrate(db: Database, path: string, steps: readonly Migration[] = migrations): void {
  const current = db.pragma('user_version', { simple: true }) as number;
  const newest = steps.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new AppFailure({
      code: 'database-unusable',
      path,
      detail: `it was written by a newer version of Thinslice (schema ${current}, this one knows ${newest})`,
    });
  }
  const due = steps.filter((step) => step.version > current);
  if (due.length === 0) return;
  if (current > 0) copyAside(db, `${path}.before-${newest}`);
  // IMMEDIATE: two programs that open a new file at once take turns, and the second finds nothing left to do.
  db.transaction(() => {
    const now = db.pragma('user_version', { simple: true }) as number;
    for (const step of steps.filter((each) => each.version > now)) {
      step.up(db);
      db.pragma(`user_version = ${step.version}`);
    }
  }).immediate();
}

function copyAside(db: Database, copy: string): void {
  if (existsSync(copy)) rmSync(copy);
  db.prepare('VACUUM INTO ?').run(copy);
}
