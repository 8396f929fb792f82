import type { Decision } from '../../model/segmentation-model.ts';
import type { Vec3 } from '../../volume/volume.ts';
import type { Plane } from '../3-predict/predict-planes.ts';
import { cellCount, cellOf } from './axis-map.ts';
import type { AxisMaps } from './restore-target.ts';
import type { RestoreSlab } from './restore-slab.ts';

/** Makes logits from what the network's body gave: [plane, features, d1, d2] to [plane, class, d1, d2] in `into`. */
export type ApplyHead = (features: Float32Array, planes: number, into: Float32Array) => Promise<void>;

export interface Restoration {
  /** Finished planes of the network grid, ascending. */
  readonly planes: AsyncIterable<Plane>;
  readonly channels: number;
  readonly classes: number;
  /** Null where the planes hold logits already. */
  readonly applyHead: ApplyHead | null;
  readonly shape: Vec3;
  readonly maps: AxisMaps;
  readonly decision: Decision;
  /** First output plane wanted. */
  readonly firstOutput: number;
  /** Bytes of logits to hold at a time; two planes are held even if that is more. */
  readonly logitsBytes: number;
  /** Runs `restoreRows` over all rows of the slab, on as many threads as there are. */
  readonly restore: (slab: RestoreSlab) => Promise<void>;
}

/** Finished output planes [start, end) along network axis 0; `labels` is reused for the next slab. */
export interface LabelSlab {
  readonly start: number;
  readonly end: number;
  /** [plane, o1, o2] */
  readonly labels: Uint8Array;
}

/** The first plane of the network grid that the output planes from `firstOutput` on are made of. */
export function firstPlaneFor(maps: AxisMaps, firstOutput: number): number {
  return firstOutput >= maps[0].outSize ? maps[0].inSize : maps[0].lower[cellOf(maps[0], firstOutput)];
}

/**
 * Turns planes of logits, as they are finished, into slabs of labels on the cropped input grid. Holds a window of
 * logits planes, restores the cells that lie between them, and keeps the last plane for the next window's first cell.
 */
export async function* restoreSlabs(restoration: Restoration): AsyncGenerator<LabelSlab> {
  const { channels, classes, shape, maps, decision, applyHead, firstOutput } = restoration;
  if (firstOutput >= maps[0].outSize) return;
  const area = shape[1] * shape[2];
  const slots = windowPlanes(restoration);
  const logits = sharedFloats(slots * classes * area);
  const features = new Float32Array(applyHead ? slots * channels * area : 0);
  let labels = new Uint8Array(new SharedArrayBuffer(0));
  let cell = cellOf(maps[0], firstOutput);
  let firstPlane = 0;
  // Planes held: `kept` of them as logits from the last window, then `fresh` ones.
  let kept = 0;
  let fresh = 0;

  for await (const plane of restoration.planes) {
    if (kept + fresh === 0) {
      if (plane.index < maps[0].lower[cell]) continue;
      firstPlane = plane.index;
    }
    if (applyHead) plane.take(features, fresh * channels * area);
    else plane.take(logits, (kept + fresh) * classes * area);
    fresh++;
    if (kept + fresh < slots && !plane.endsRun) continue;

    if (applyHead) {
      const taken = features.subarray(0, fresh * channels * area);
      await applyHead(taken, fresh, logits.subarray(kept * classes * area));
    }
    const held = kept + fresh;
    let endCell = cell;
    while (endCell < cellCount(maps[0]) && maps[0].upper[endCell] < firstPlane + held) endCell++;
    if (endCell > cell) {
      const start = Math.max(maps[0].firstOutput[cell], firstOutput);
      const end = maps[0].firstOutput[endCell];
      const size = (end - start) * maps[1].outSize * maps[2].outSize;
      if (labels.length < size) labels = new Uint8Array(new SharedArrayBuffer(size));
      const slab = { logits, firstPlane, classes, shape, maps, cells: [cell, endCell] as const, decision };
      await restoration.restore({ ...slab, outputPlanes: [start, end], labels });
      yield { start, end, labels: labels.subarray(0, size) };
      cell = endCell;
    }
    if (cell === cellCount(maps[0])) return;
    kept = Math.max(0, firstPlane + held - maps[0].lower[cell]);
    fresh = 0;
    logits.copyWithin(0, (held - kept) * classes * area, held * classes * area);
    firstPlane += held - kept;
  }
}

/** Logits planes to hold: enough to fill `logitsBytes`, two at least, not more than there are. */
function windowPlanes({ shape, classes, logitsBytes }: Restoration): number {
  const planeBytes = 4 * classes * shape[1] * shape[2];
  return Math.min(shape[0], Math.max(2, Math.floor(logitsBytes / planeBytes)));
}

function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}
