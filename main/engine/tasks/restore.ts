import type { RestorePlan } from '../../core/segment/1-preprocess/preprocessed.ts';
import { placeLabels } from '../../core/segment/5-restore/place-labels.ts';
import { restoreRows } from '../../core/segment/5-restore/restore-rows.ts';
import type { RestoreSlab } from '../../core/segment/5-restore/restore-slab.ts';
import type { Box } from '../../core/volume/box.ts';

/** Where restored labels belong: see `placeLabels`. */
export interface Placement {
  readonly box: Box;
  readonly plan: RestorePlan;
  readonly into: Uint8Array<SharedArrayBuffer>;
}

/** Stage 5 in the worker threads, the cells [from, to) along axis 1: logits in and labels out lie in shared memory. */
export function restoreBand(task: {
  readonly slab: RestoreSlab;
  readonly placement: Placement;
  readonly from: number;
  readonly to: number;
}): void {
  const { slab, placement, from, to } = task;
  restoreRows(slab, [from, to]);
  const { firstOutput, outSize } = slab.maps[1];
  const [start, end] = slab.outputPlanes;
  const planes = slab.labels.subarray(0, (end - start) * outSize * slab.maps[2].outSize);
  const { box, plan, into } = placement;
  placeLabels(planes, start, box, plan, into, [firstOutput[from], firstOutput[to]]);
}
