import { parentPort, workerData } from 'node:worker_threads';
import { AppFailure } from '../contract/app-error.ts';
import type { FromScan } from '../contract/scan-message.ts';
import { studyRecord } from '../db/queries/studies.ts';
import { scanFolder } from './scan-folder.ts';
import { folderView } from './study-views.ts';

/** News at most so often: a folder of 10,000 files must not flood the window. */
const newsEveryMs = 100;

// Entry of the thread that scans one folder, and ends: parsing 10,000 headers would keep a window waiting.
const send = (message: FromScan): void => parentPort!.postMessage(message);
let toldAt = 0;

try {
  const scan = await scanFolder(workerData as string, {
    onProgress: (filesSeen) => {
      const now = Date.now();
      if (now - toldAt < newsEveryMs) return;
      toldAt = now;
      send({ type: 'progress', filesSeen });
    },
  });
  send({ type: 'found', found: { view: folderView(scan), records: scan.studies.map(studyRecord) } });
} catch (error) {
  // A bug ends the thread with its stack.
  if (!(error instanceof AppFailure)) throw error;
  send({ type: 'failed', error: error.error });
}
