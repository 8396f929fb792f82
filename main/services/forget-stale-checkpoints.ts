import { deleteTrainingsBefore } from '../db/queries/trainings.ts';
import { deleteCommandTuningsBefore } from '../db/queries/tunings.ts';
import type { Context } from './context.ts';

/** Many times as large as the networks that they are of, and nobody is asked whether they may go. */
const keptDays = 30;

/** Takes away what commands left when they were interrupted, and nobody has gone on with for a month. */
export function forgetStaleCheckpoints({ db, now }: Pick<Context, 'db' | 'now'>): void {
  const moment = new Date(Date.parse(now()) - keptDays * 24 * 3600 * 1000).toISOString();
  db.transaction(() => {
    deleteTrainingsBefore(db, moment);
    deleteCommandTuningsBefore(db, moment);
  }).immediate();
}
