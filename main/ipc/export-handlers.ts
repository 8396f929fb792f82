import { AppFailure } from '../contract/app-error.ts';
import { because } from '../contract/known-cause.ts';
import type { Context } from '../services/context.ts';
import { exportStoredResult } from '../services/results.ts';
import type { Handlers, SendNews } from './bind.ts';

/** `exported` gets the paths of what was written: those may be shown in the system's file manager. */
export function exportHandlers(context: Context, exported: Set<string>, send: SendNews) {
  let running: AbortController | null = null;
  return {
    'results.export': async ({ resultId, formats, folder }) => {
      if (running) throw new AppFailure({ code: 'usage', ...because({ code: 'export-busy' }) });
      const abort = (running = new AbortController());
      try {
        const files = await exportStoredResult(context, resultId, folder, [...new Set(formats)], {
          signal: abort.signal,
          onProgress: ({ done, total }) => send('results.exportProgress', { resultId, done, total }),
        });
        for (const { path } of files) exported.add(path);
        return files;
      } finally {
        running = null;
      }
    },
    'results.cancelExport': () => running?.abort(),
  } satisfies Partial<Handlers>;
}
