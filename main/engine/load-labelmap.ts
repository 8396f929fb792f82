import type { ReadLabelmap } from '../contract/compare-request.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import { geometryRefusal } from '../contract/geometry-refusal.ts';
import type { Grid } from '../core/volume/volume.ts';
import { volumeBudgetBytes } from './decode/check-memory.ts';
import { runLoadTask, type LoadContext } from './decode/run-load-tasks.ts';
import { niftiGridOf } from './export-nifti-space.ts';
import type { ReadLabelmapTask } from './tasks/read-labelmap.ts';

/**
 * Reads a NIfTI or DICOM SEG labelmap in a worker thread: z, y, x on the grid of the image, in shared memory. Throws AppFailure:
 * `reference-refused` where it lies on another grid than the image or has values that are not given, `input-unreadable`,
 * `geometry-refused`.
 */
export async function loadLabelmap(
  { path, image, frameOfReferenceUid, values }: Omit<ReadLabelmap['request'], 'jobId'>,
  context: LoadContext,
): Promise<Uint8Array> {
  const task: ReadLabelmapTask = {
    path,
    grid: await gridOfImage(image),
    frameOfReferenceUid,
    values,
    maxBytes: volumeBudgetBytes(),
  };
  return runLoadTask<Uint8Array>(context, 'readLabelmap', task);
}

async function gridOfImage(image: VolumeSource): Promise<Grid> {
  if (image.kind === 'nifti') return niftiGridOf(image.path);
  const { grid } = image.volume;
  if (!grid) throw geometryRefusal(image.volume);
  return grid;
}
