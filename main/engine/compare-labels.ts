import type { CompareLabelmaps, ReadLabelmap } from '../contract/compare-request.ts';
import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import type { LabelOverlap } from '../core/segment/6-measure/label-overlap.ts';
import { shareOut } from '../core/tucker/share-out.ts';
import { boxShape } from '../core/volume/box.ts';
import { voxelCount, type Grid } from '../core/volume/volume.ts';
import { compressLabels } from './compress-labels.ts';
import { checkWorkingMemory, volumeBudgetBytes } from './decode/check-memory.ts';
import { inflateLabels } from './inflate-labels.ts';
import { createJobClock } from './job-clock.ts';
import type { Pool } from './pool.ts';
import { loadLabelmap } from './load-labelmap.ts';
import { createTaskRunner } from './task-runner.ts';
import type { Send } from './port.ts';

export interface CompareContext {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: Send;
}

/** `loadLabelmap`, compressed. */
export async function readReference(
  request: ReadLabelmap['request'],
  context: CompareContext,
): Promise<Uint8Array> {
  return compressLabels(await loadLabelmap(request, context));
}

/** `compareLabelmaps` in the worker threads, a label each. Throws AppFailure `out-of-memory`. */
export async function compareLabels(
  { jobId, grid, referenceGz, comparedGz, values, toleranceMm }: CompareLabelmaps['request'],
  context: CompareContext,
): Promise<readonly LabelFidelity[]> {
  const report = createJobClock(jobId, context.send).progress('compare');
  const runner = createTaskRunner(context);
  const reference = await inflateShared(referenceGz, grid);
  const compared = await inflateShared(comparedGz, grid);
  const overlaps = await runner.run('findOverlaps', { reference, compared, shapeZyx: grid.shapeZyx });
  const pair = { reference, compared, grid, toleranceMm };

  // The largest first, so that no thread is left with one at the end.
  const queue = values.map((value) => overlaps[value]).toSorted((a, b) => scratchBytes(b) - scratchBytes(a));
  const threads = threadsFor(queue, context.pool.options.maxThreads);
  const byValue = new Map<number, LabelFidelity>();
  await shareOut(queue, threads, async (overlap) => {
    byValue.set(overlap.value, await runner.run('compareOne', { pair, overlap }));
    report(byValue.size, values.length);
  });
  return values.flatMap((value) => byValue.get(value) ?? []);
}

/** Surfaces and distances of a label, a byte and two float32 a voxel of its box. */
function scratchBytes({ box }: LabelOverlap): number {
  return 9 * voxelCount(boxShape(box));
}

/** As many of the largest labels as fit into memory at one time. Throws AppFailure `out-of-memory` where not even one does. */
function threadsFor(largestFirst: readonly LabelOverlap[], maxThreads: number): number {
  const together = (count: number) =>
    largestFirst.slice(0, count).reduce((sum, each) => sum + scratchBytes(each), 0);
  let threads = maxThreads;
  while (threads > 1 && together(threads) > volumeBudgetBytes()) threads--;
  checkWorkingMemory('comparing surfaces', together(threads));
  return threads;
}

/** Into shared memory, which the worker threads read in place. */
async function inflateShared(labelsGz: Uint8Array, { shapeZyx }: Grid): Promise<Uint8Array> {
  const voxels = voxelCount(shapeZyx);
  checkWorkingMemory('a labelmap', voxels);
  const labels = new Uint8Array(new SharedArrayBuffer(voxels));
  await inflateLabels(labelsGz, labels);
  return labels;
}
