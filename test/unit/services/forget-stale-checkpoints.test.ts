import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../main/db/database.ts';
import { putTraining } from '../../../main/db/queries/trainings.ts';
import { deleteTuningsOfOthers, putTuning } from '../../../main/db/queries/tunings.ts';
import { forgetStaleCheckpoints } from '../../../main/services/forget-stale-checkpoints.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

/** Checkpoints of commands and of two orders of the window, some of them of long ago. */
function setUp() {
  const db = openDatabase(tempDir());
  onTestFinished(() => void db.close());
  db.pragma('foreign_keys = OFF');
  const bytes = new Uint8Array(4);
  const [old, recent] = ['2026-01-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'];
  const tuning = (fingerprint: string, orderId: string | null, updatedAt: string) =>
    putTuning(
      db,
      { fingerprint, variantId: 'v', orderId, updatedAt },
      { fold: 0, steps: 1, bytes, finished: { networks: [bytes], folds: [] } },
    );
  putTraining(db, 'old', { steps: 1, bytes }, old);
  putTraining(db, 'recent', { steps: 1, bytes }, recent);
  tuning('old', null, old);
  tuning('recent', null, recent);
  tuning('one', 'one', old);
  tuning('two', 'two', recent);
  db.pragma('foreign_keys = ON');
  const left = (table: string) => db.prepare(`SELECT fingerprint FROM ${table} ORDER BY 1`).pluck().all();
  return { db, left };
}

test('what a command left a month ago goes; what is recent stays, and what the window has', () => {
  const { db, left } = setUp();
  forgetStaleCheckpoints({ db, now: () => '2026-03-02T00:00:00.000Z' });
  expect(left('trainings')).toEqual(['recent']);
  expect(left('tunings')).toEqual(['one', 'recent', 'two']);
  expect(left('tuned_networks')).toEqual(['one', 'recent', 'two']);
});

test('what other orders of the window left goes with the next one', () => {
  const { db, left } = setUp();
  deleteTuningsOfOthers(db, 'two');
  expect(left('tunings')).toEqual(['old', 'recent', 'two']);
});
