import { z } from 'zod';
import { exportFormats, type ExportedFile } from '../engine-protocol.ts';
import { invoke, notify } from './channel.ts';

/** Writing a stored result to files. */
export const exportChannels = {
  /** One at a time. Each file is whole or not there. */
  'results.export': invoke<readonly ExportedFile[]>()(
    z.object({
      resultId: z.string().min(1).max(64),
      formats: z.array(z.enum(exportFormats)).min(1).max(exportFormats.length),
      folder: z.string().min(1).max(4096),
    }),
  ),
  'results.cancelExport': invoke<void>()(z.void()),
  'results.exportProgress': notify<ExportProgress>(),
} as const;

/** Files written, of those asked for. */
export interface ExportProgress {
  readonly resultId: string;
  readonly done: number;
  readonly total: number;
}
