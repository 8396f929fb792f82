import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppFailure } from '../contract/app-error.ts';
import type { FromHeavyThread, HeavyKind, HeavyThreadData, HeavyWork } from '../contract/heavy-work.ts';
import type { Context } from './context.ts';

/** Does heavy work in a thread of its own. Throws AppFailure as the work does. */
export type HeavyInThread = <K extends HeavyKind>(
  kind: K,
  args: HeavyWork[K]['args'],
) => Promise<HeavyWork[K]['answer']>;

/** `entry` is the built `heavy-thread.ts`. */
export function heavyInThread(
  entry: string,
  { db, resourcesDir, appVersion }: Pick<Context, 'db' | 'resourcesDir' | 'appVersion'>,
): HeavyInThread {
  return (kind, args) =>
    new Promise((resolve, reject) => {
      const order = { kind, args } as HeavyThreadData['order'];
      const data: HeavyThreadData = { dataDir: dirname(db.name), resourcesDir, appVersion, order };
      const thread = new Worker(entry, { workerData: data });
      thread.once('message', (message: FromHeavyThread) => {
        if (message.type === 'failed') reject(new AppFailure(message.error));
        else resolve(message.answer as HeavyWork[typeof kind]['answer']);
      });
      thread.once('error', reject);
      thread.once('exit', (code) => reject(new Error(`the thread for ${kind} ended with ${code}`)));
    });
}
