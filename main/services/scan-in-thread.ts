import { Worker } from 'node:worker_threads';
import { AppFailure } from '../contract/app-error.ts';
import type { FromScan, ScannedFolder } from '../contract/scan-message.ts';
import type { ScanFolderOptions } from './scan-folder.ts';

/** Scans a folder in a thread of its own. Throws AppFailure as `scanFolder` does. */
export type ScanInThread = (folder: string, options: ScanFolderOptions) => Promise<ScannedFolder>;

/** `entry` is the built `scan-thread.ts`. A scan that is cancelled ends at once, in the middle of a header too. */
export function scanInThread(entry: string): ScanInThread {
  return (folder, { signal, onProgress }) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new AppFailure({ code: 'cancelled' }));
      const thread = new Worker(entry, { workerData: folder });
      const cancel = (): void => {
        reject(new AppFailure({ code: 'cancelled' }));
        void thread.terminate();
      };
      signal?.addEventListener('abort', cancel, { once: true });
      thread.on('message', (message: FromScan) => {
        if (signal?.aborted) return;
        if (message.type === 'progress') return onProgress?.(message.filesSeen);
        if (message.type === 'found') return resolve(message.found);
        reject(new AppFailure(message.error));
      });
      thread.once('error', reject);
      thread.once('exit', (code) => {
        signal?.removeEventListener('abort', cancel);
        // Nothing where it has answered.
        reject(new Error(`the thread that scans ended with ${code}`));
      });
    });
}
