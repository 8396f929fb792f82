import { gunzipSync } from 'node:zlib';
import type { NetworkRun, Slab } from '../contract/engine-protocol.ts';
import type { ReadRequest } from './read-network.ts';
import type { Preprocessed } from '../core/segment/1-preprocess/preprocessed.ts';
import { planTiles } from '../core/segment/2-tile/plan-tiles.ts';
import { planeChannels, predictPlanes, type Plane } from '../core/segment/3-predict/predict-planes.ts';
import { rollingSumBytes } from '../core/segment/4-blend/rolling-sum.ts';
import { cellCount } from '../core/segment/5-restore/axis-map.ts';
import { placeLabels } from '../core/segment/5-restore/place-labels.ts';
import { firstPlaneFor, restoreSlabs } from '../core/segment/5-restore/restore-slabs.ts';
import type { RestoreSlab } from '../core/segment/5-restore/restore-slab.ts';
import { restoreTarget } from '../core/segment/5-restore/restore-target.ts';
import { boxShape } from '../core/volume/box.ts';
import { checkWorkingMemory } from './decode/check-memory.ts';
import { compressLabels } from './compress-labels.ts';
import type { JobClock } from './job-clock.ts';
import { loadNetworks, type LoadedNetworks } from './predict-network.ts';
import type { SegmentContext } from './segment-job.ts';
import { createTaskRunner } from './task-runner.ts';
import type { Placement } from './tasks/restore.ts';
import { watchRuns } from './watch-runs.ts';

export interface Predicted {
  /** Spent inside onnxruntime. */
  readonly networkSeconds: number;
  readonly run: NetworkRun | null;
}

/** Logits held at a time: two planes of 118 classes at 1.5 mm, a dozen at 3 mm. */
const logitsBytes = 96 * 2 ** 20;

/**
 * Stages 2 to 5: fills `labels`, z, y, x on the input grid, slab by slab along network axis 0, and sends each slab.
 *
 * @throws AppFailure; `device-failed` with the fault where a device other than the CPU gives what no network gives
 */
export async function predictLabels(
  request: ReadRequest,
  preprocessed: Preprocessed,
  labels: Uint8Array<SharedArrayBuffer>,
  { clock, ...context }: SegmentContext & { readonly clock: JobClock },
): Promise<Predicted> {
  const { model, jobId } = request;
  const { shape, restore } = preprocessed;
  const { maps, box } = restoreTarget(preprocessed);
  const placement: Placement = { box, plan: restore, into: labels };
  const firstOutput = placeFinished(request.finishedSlabs, placement);
  if (firstOutput === boxShape(box)[0]) return { networkSeconds: 0, run: null };

  const plan = planTiles(model, shape);
  // Said before the network is loaded: what fails for want of memory from here on is the network's doing.
  clock.progress('predict')(0, plan.tiles.length);
  const networks = await clock.time('predict', () => loadNetworks(request, plan.tileShape, context.signal));
  const watched = watchRuns(networks.runNetwork, request.device);
  let sent: Promise<void> = Promise.resolve();
  try {
    const prediction = {
      data: preprocessed.data,
      inputChannels: model.channels.length,
      shape,
      plan,
      mirrorAxes: model.mirrorAxes,
      firstPlane: firstPlaneFor(maps, firstOutput),
      onTile: estimate(clock.progress('predict')),
      ...networks,
      runNetwork: watched.runNetwork,
    };
    checkWorkingMemory('a row of tiles', rollingSumBytes(plan, planeChannels(prediction)));
    const slabs = restoreSlabs({
      planes: timedPlanes(predictPlanes(prediction), clock),
      channels: planeChannels(prediction),
      classes: model.decision.values.length,
      applyHead: timedHead(networks, clock),
      shape,
      maps,
      decision: model.decision,
      firstOutput,
      logitsBytes,
      restore: (slab) => clock.time('restore', () => restoreInWorkers(slab, placement, context)),
    });
    for await (const { start, end, labels: planes } of slabs) {
      await clock.time('restore', async () => {
        const copy = planes.slice();
        await sent;
        // Compressed while the next tiles run, sent in order.
        sent = compressLabels(copy).then((labelsGz) =>
          context.send({ type: 'slab', jobId, slab: { start, end, labelsGz } }),
        );
        // A failure is met at the next slab; until then nobody waits for it, which would end the process.
        sent.catch(() => undefined);
      });
    }
    await sent;
    const seconds = watched.secondsPerRun();
    const run = seconds === null ? null : { tileShape: plan.tileShape, seconds };
    return { networkSeconds: networks.networkSeconds(), run };
  } finally {
    // What is finished is kept although the job ends here, and goes out before the word that it has.
    await Promise.allSettled([sent]);
    await networks.release();
  }
}

/** Puts back what an earlier run finished; returns the first plane that is still to do. */
function placeFinished(slabs: readonly Slab[], { box, plan, into }: Placement): number {
  const [planes, n1, n2] = boxShape(box);
  let next = 0;
  for (const { start, end, labelsGz } of slabs) {
    const length = (end - start) * n1 * n2;
    if (start !== next || end > planes || length <= 0) break;
    const labels = inflate(labelsGz, length);
    if (labels?.length !== length) break;
    placeLabels(labels, start, box, plan, into);
    next = end;
  }
  return next;
}

/** Null where they are damaged or too many: they come from a file, and can be made again. */
function inflate(labelsGz: Uint8Array, length: number): Uint8Array | null {
  try {
    return gunzipSync(labelsGz, { maxOutputLength: length });
  } catch {
    return null;
  }
}

async function restoreInWorkers(
  slab: RestoreSlab,
  placement: Placement,
  { pool, signal }: SegmentContext,
): Promise<void> {
  const runner = createTaskRunner({ pool, signal });
  await runner.overRange('restoreBand', cellCount(slab.maps[1]), (range) => ({ slab, placement, ...range }));
}

/** Time left from the tiles done so far, restoring included, which goes on between them. */
function estimate(
  report: (done: number, total: number, secondsLeft: number | null) => void,
): (done: number, total: number) => void {
  const start = performance.now();
  return (done, total) => {
    const seconds = (performance.now() - start) / 1000;
    report(done, total, (seconds / done) * (total - done));
  };
}

async function* timedPlanes(planes: AsyncGenerator<Plane>, clock: JobClock): AsyncGenerator<Plane> {
  try {
    for (;;) {
      const next = await clock.time('predict', () => planes.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await planes.return(undefined);
  }
}

function timedHead({ applyHead }: LoadedNetworks, clock: JobClock): LoadedNetworks['applyHead'] {
  return applyHead && ((...args) => clock.time('predict', () => applyHead(...args)));
}
