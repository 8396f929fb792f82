import { createHash } from 'node:crypto';
import { AppFailure } from '../contract/app-error.ts';
import type { MeasureEdit } from '../contract/edit-request.ts';
import { because } from '../contract/known-cause.ts';
import { voxelCount } from '../core/volume/volume.ts';
import { compressLabels } from './compress-labels.ts';
import { checkWorkingMemory } from './decode/check-memory.ts';
import type { LoadContext } from './decode/run-load-tasks.ts';
import { inflateLabels } from './inflate-labels.ts';
import { loadVolume } from './load-volume.ts';
import { measureResult } from './measure-result.ts';

/**
 * Checks and measures labels that were edited. Throws AppFailure: `usage` where they do not fit the grid or have a value
 * that is not of the model, and as loadVolume does.
 */
export async function measureEdit(
  { source, grid, labelsGz, labels: modelLabels }: MeasureEdit['request'],
  { pool, signal }: Pick<LoadContext, 'pool' | 'signal'>,
): Promise<MeasureEdit['answer']> {
  const voxels = voxelCount(grid.shapeZyx);
  checkWorkingMemory('a labelmap', voxels);
  const labels = new Uint8Array(new SharedArrayBuffer(voxels));
  try {
    await inflateLabels(labelsGz, labels);
  } catch (error) {
    throw refusal((error as Error).message);
  }
  const values = modelLabels.map(({ value }) => value);
  const foreign = findForeign(labels, values);
  if (foreign !== undefined)
    throw new AppFailure({ code: 'usage', ...because({ code: 'edit-of-a-foreign-value', value: foreign }) });
  const context = { pool, ...(signal ? { signal } : {}) };
  const volume = await loadVolume(source, context);
  if (voxelCount(volume.grid.shapeZyx) !== voxels) {
    throw new AppFailure({ code: 'usage', ...because({ code: 'edit-of-another-size' }) });
  }
  const [measurements, compressed] = await Promise.all([
    measureResult(labels, volume, modelLabels, context),
    compressLabels(labels),
  ]);
  const labelsSha256 = createHash('sha256').update(labels).digest('hex');
  return { labelsGz: compressed, labelsSha256, measurements };
}

/** A value that is neither 0 nor one of `values`. */
function findForeign(labels: Uint8Array, values: readonly number[]): number | undefined {
  const isKnown = new Uint8Array(256);
  isKnown[0] = 1;
  for (const value of values) isKnown[value] = 1;
  return labels.find((label) => isKnown[label] === 0);
}

function refusal(detail: string): AppFailure {
  return new AppFailure({ code: 'usage', detail: `The edited labels cannot be stored: ${detail}.` });
}
