import type { Context } from '../services/context.ts';
import { forgetStudy, scanStudies } from '../services/studies.ts';
import { folderView, recentStudies } from '../services/study-views.ts';
import type { ViewEngine } from '../services/view-engine.ts';
import { openVolume } from '../services/volumes.ts';
import { noImages } from '../services/select-volume.ts';
import type { Handlers, SendNews } from './bind.ts';
import { voxelsPath } from './voxels-route.ts';

/** News at most so often: a folder of 10,000 files must not flood the window. */
const newsEveryMs = 100;

export function studyHandlers(context: Context, engine: ViewEngine, send: SendNews) {
  let scan: AbortController | null = null;
  return {
    'studies.scan': async (folder) => {
      scan?.abort();
      const abort = new AbortController();
      scan = abort;
      let toldAt = 0;
      const onProgress = (filesSeen: number): void => {
        const now = Date.now();
        if (abort.signal.aborted || now - toldAt < newsEveryMs) return;
        toldAt = now;
        send('studies.scanProgress', { filesSeen });
      };
      const found = await scanStudies(context, folder, { signal: abort.signal, onProgress });
      if (found.studies.length === 0) throw noImages(found);
      return folderView(found);
    },
    'studies.cancelScan': () => scan?.abort(),
    'studies.recent': () => recentStudies(context),
    'studies.forget': (studyUid) => forgetStudy(context, studyUid),
    'volumes.open': async (ref) => ({
      ...(await openVolume(context, engine, ref)),
      voxelsUrl: voxelsPath(ref),
    }),
  } satisfies Partial<Handlers>;
}
