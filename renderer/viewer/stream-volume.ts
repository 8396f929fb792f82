import type { VolumeView } from '../../main/contract/ipc/study-channels.ts';
import type { TexturePlan } from './decide-texture.ts';
import { loadOrder } from './load-order.ts';
import { loadPlanes } from './load-planes.ts';
import type { PlaneVolume } from './plane-volume.ts';
import { planeNames, type PlaneName } from './planes.ts';
import { reducePlane } from './reduce-volume.ts';

/** Voxels asked for at once: 2 MB of int16. The main process copies a block at one go. */
const blockVoxels = 1 << 20;
/** What goes to the card between two frames, so that none is late. */
const uploadBytesPerFrame = 16 << 20;
const slowFrameMs = 40;

export interface StreamOptions {
  readonly view: VolumeView;
  readonly plan: TexturePlan;
  readonly signal: AbortSignal;
  /** Slices that arrived go to the card when a view is drawn: draw this one with the next frame. */
  readonly draw: (plane: PlaneName) => void;
  /** How many planes of the study have arrived. */
  readonly onProgress: (planes: number) => void;
}

/**
 * Fills a volume from the private scheme, its middle plane first. Ends when all planes were handed to the card. Throws as
 * `loadPlanes` does.
 */
export async function streamVolume(target: PlaneVolume, options: StreamOptions): Promise<void> {
  const { view, plan, signal, onProgress } = options;
  const [planes, rows, columns] = view.grid.shapeZyx;
  const [stepZ, stepY, stepX] = plan.stepZyx;
  const source = { voxelsUrl: view.voxelsUrl, voxelType: plan.voxelType, voxelsPerPlane: rows * columns };
  const block = Math.max(1, Math.floor(blockVoxels / source.voxelsPerPlane));
  let arrived = 0;
  const pump = pumpUploads(target, options);
  try {
    // Planes that a reduced volume leaves out are never asked for.
    const kept = loadOrder(Math.ceil(planes / stepZ), block);
    const ranges =
      stepZ === 1
        ? kept
        : kept.flatMap(({ start, end }) =>
            Array.from({ length: end - start }, (_, i) => ({
              start: (start + i) * stepZ,
              end: (start + i) * stepZ + 1,
            })),
          );
    await loadPlanes(
      source,
      ranges,
      (plane, voxels) => {
        target.setPlane(plane / stepZ, reducePlane(voxels, [rows, columns], [stepY, stepX]));
        onProgress(Math.min(planes, ++arrived * stepZ));
        pump.wake();
      },
      { signal },
    );
    await pump.drained();
  } finally {
    pump.stop();
  }
}

/**
 * Hands slices to the card frame by frame while there are some, and has the views drawn in turn, one a frame: all three
 * at once would hold the window up. Where drawing is slow, as much time is left for everything else.
 */
function pumpUploads(target: PlaneVolume, { draw, signal }: StreamOptions) {
  let frame = 0;
  let onDrained = (): void => undefined;
  const stale = new Set<PlaneName>();
  let [drawnAt, restUntil] = [0, 0];
  const work = (now: number): void => {
    frame = 0;
    // What would be drawn is gone, though the requests have not failed yet.
    if (signal.aborted) return;
    if (drawnAt > 0) restUntil = now - drawnAt > slowFrameMs ? 2 * now - drawnAt : now;
    drawnAt = 0;
    if (now < restUntil) return wake();
    if (target.upload(uploadBytesPerFrame)) for (const plane of planeNames) stale.add(plane);
    const [next] = stale;
    if (next === undefined) return onDrained();
    stale.delete(next);
    draw(next);
    drawnAt = now;
    wake();
  };
  const wake = (): void => {
    frame ||= requestAnimationFrame(work);
  };
  return {
    wake,
    drained: () =>
      new Promise<void>((resolve) => {
        onDrained = resolve;
        wake();
      }),
    stop: () => cancelAnimationFrame(frame),
  };
}
