import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { Volume } from '../core/volume/volume.ts';
import { volumeBudgetBytes } from './decode/check-memory.ts';
import { loadDicomVolume } from './decode/load-dicom-volume.ts';
import { runLoadTask } from './decode/run-load-tasks.ts';
import type { LoadContext } from './decode/run-load-tasks.ts';
import type { LoadNiftiTask } from './tasks/load-nifti.ts';

/**
 * Reads a whole volume in the worker threads: modality values (HU for CT) as Int16, Uint16 or Float32 over a
 * SharedArrayBuffer, z, y, x, on the grid of the source. A resheared CT has −1024 HU outside the scan, others 0.
 *
 * Throws AppFailure: `input-refused` and `input-unreadable` name the file and the cause, `geometry-refused` the
 * series that the geometry gate refused; `out-of-memory`; `cancelled` once `signal` is aborted.
 */
export async function loadVolume(source: VolumeSource, context: LoadContext): Promise<Volume> {
  try {
    if (source.kind === 'dicom') return await loadDicomVolume(source, context);
    const task: LoadNiftiTask = { path: source.path, maxBytes: volumeBudgetBytes() };
    const volume = await runLoadTask<Volume>(context, 'loadNifti', task);
    const slices = volume.grid.shapeZyx[0];
    context.onProgress?.(slices, slices);
    return volume;
  } catch (error) {
    if (context.signal?.aborted) throw new AppFailure({ code: 'cancelled' });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
      throw new AppFailure({
        code: 'out-of-memory',
        device: 'cpu',
        detail: 'the images could not be decoded',
      });
    }
    throw error;
  }
}
