import { voxelsPath } from '../contract/voxels-path.ts';
import type { Context } from '../services/context.ts';
import type { ScanInThread } from '../services/scan-in-thread.ts';
import { forgetStudy, scanForWindow } from '../services/studies.ts';
import { recentStudies } from '../services/study-views.ts';
import type { ViewEngine } from '../services/view-engine.ts';
import { openVolume } from '../services/volumes.ts';
import type { Handlers, SendNews } from './bind.ts';

export interface StudyHandlerOptions {
  readonly engine: ViewEngine;
  readonly scanInThread: ScanInThread;
  readonly send: SendNews;
}

export function studyHandlers(context: Context, { engine, scanInThread, send }: StudyHandlerOptions) {
  let scan: AbortController | null = null;
  return {
    'studies.scan': (folder) => {
      scan?.abort();
      const abort = new AbortController();
      scan = abort;
      return scanForWindow(context, scanInThread, folder, {
        signal: abort.signal,
        onProgress: (filesSeen) => send('studies.scanProgress', { filesSeen }),
      });
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
