import { createHash } from 'node:crypto';
import { AppFailure } from '../contract/app-error.ts';
import type { SegmentOutcome, SegmentRequest } from '../contract/engine-protocol.ts';
import { NotFiniteError } from '../core/segment/4-blend/rolling-sum.ts';
import { voxelCount } from '../core/volume/volume.ts';
import { loadChannels } from './load-channels.ts';
import { measureResult } from './measure-result.ts';
import type { Pool } from './pool.ts';
import { compressLabels } from './compress-labels.ts';
import type { FreshLabels } from './fresh-labels.ts';
import { predictLabels } from './predict-labels.ts';
import { preprocessVolumes } from './preprocess-volume.ts';
import { readNetwork, type ReadRequest } from './read-network.ts';
import { createJobClock } from './job-clock.ts';
import type { TaskContext } from './task-runner.ts';
import type { Send } from './port.ts';

export interface SegmentContext {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: Send;
  /** Where its labels are kept for an export. */
  readonly fresh?: FreshLabels;
}

/**
 * A whole segmentation: read, preprocess, predict and restore slab by slab, measure. Sends progress, and each slab of
 * labels as soon as it is final; a job that is given those back as `finishedSlabs` goes on after the last one and ends
 * with the same labels, bit for bit, on the same device.
 *
 * @throws AppFailure for whatever a person can act on, `cancelled` within one tile of the signal
 */
export async function runSegmentJob(asked: SegmentRequest, context: SegmentContext): Promise<SegmentOutcome> {
  // First of all: nobody should wait for images to be read before a damaged network is found.
  const request = { ...asked, networks: asked.networks.map(readNetwork) };
  try {
    return await runStages(request, context);
  } catch (error) {
    if (context.signal.aborted) throw new AppFailure({ code: 'cancelled' });
    if (isAllocationFailure(error)) {
      throw new AppFailure({ code: 'out-of-memory', device: 'cpu', detail: (error as Error).message });
    }
    if (error instanceof NotFiniteError) {
      throw new AppFailure({
        code: 'device-failed',
        device: request.device.name,
        detail: error.message,
      });
    }
    throw error;
  }
}

async function runStages(request: ReadRequest, context: SegmentContext): Promise<SegmentOutcome> {
  const { pool, signal } = context;
  const { model } = request;
  const clock = createJobClock(request.jobId, context.send);

  const volumes = await clock.time('load', () =>
    loadChannels(request.channels, model, taskContext(context, clock.progress('load'))),
  );
  const first = volumes[0];
  const { grid } = first;
  const preprocessed = await clock.time('preprocess', () =>
    preprocessVolumes(volumes, model, taskContext(context, inPercent(clock.progress('preprocess')))),
  );
  // The other channels are not needed again.
  volumes.length = 1;

  const labels = new Uint8Array(new SharedArrayBuffer(voxelCount(grid.shapeZyx)));
  const { networkSeconds, run } = await predictLabels(request, preprocessed, labels, {
    pool,
    signal,
    send: context.send,
    clock,
  });

  const compressed = compressLabels(labels);
  const measured = clock.time('measure', () =>
    measureResult(labels, first, model.labels, taskContext(context, clock.progress('measure'))),
  );
  // Here, while other threads do those.
  const labelsSha256 = createHash('sha256').update(labels).digest('hex');
  const [labelsGz, measurements] = await Promise.all([compressed, measured]);
  context.fresh?.keep(labelsSha256, labels);
  return {
    grid,
    labelsGz,
    labelsSha256,
    measurements,
    stageSeconds: clock.seconds(),
    networkSeconds,
    run,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

function taskContext({ pool, signal }: SegmentContext, onProgress: TaskContext['onProgress']): TaskContext {
  return { pool, signal, onProgress };
}

/** Preprocessing reports parts of its work; people and the job table get whole numbers. */
function inPercent(report: (done: number, total: number) => void): TaskContext['onProgress'] {
  return (done, total) => report(Math.round((100 * done) / total), 100);
}

/** A typed array or an ArrayBuffer that does not fit (V8's words), or a worker thread that was ended for its heap. */
function isAllocationFailure(error: unknown): boolean {
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return true;
  return (
    error instanceof RangeError &&
    /allocation failed|invalid (typed )?array (buffer )?length/i.test(error.message)
  );
}
