// Comparing labelmaps in the worker threads: pure functions of core over shared memory.
import { compareLabel, type LabelFidelity } from '../../core/segment/6-measure/compare-labelmaps.ts';
import { overlapByLabel, type LabelOverlap } from '../../core/segment/6-measure/label-overlap.ts';
import type { Vec3 } from '../../core/volume/volume.ts';

export interface FindOverlapsTask {
  readonly reference: Uint8Array;
  readonly compared: Uint8Array;
  readonly shapeZyx: Vec3;
}

export function findOverlaps({ reference, compared, shapeZyx }: FindOverlapsTask): readonly LabelOverlap[] {
  return overlapByLabel(reference, compared, shapeZyx);
}

export interface CompareOneTask {
  readonly pair: Parameters<typeof compareLabel>[0];
  readonly overlap: LabelOverlap;
}

export function compareOne({ pair, overlap }: CompareOneTask): LabelFidelity {
  return compareLabel(pair, overlap);
}
