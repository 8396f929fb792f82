import { restoreRows } from '../../core/segment/5-restore/restore-rows.ts';
import type { RestoreSlab } from '../../core/segment/5-restore/restore-slab.ts';

// Stage 5 in the worker threads: logits in and labels out lie in shared memory.
export function restoreBand({ slab, from, to }: { slab: RestoreSlab; from: number; to: number }): void {
  restoreRows(slab, [from, to]);
}
