import type { LabelChange } from './edit-history.ts';

/** Voxels of each label after a change was made, or taken back. */
export function countVoxels(
  counts: ReadonlyMap<number, number>,
  { indices, before, after }: LabelChange,
  direction: 'undo' | 'redo',
): ReadonlyMap<number, number> {
  const changed = new Map(counts);
  const sign = direction === 'redo' ? 1 : -1;
  const add = (value: number, by: number) => changed.set(value, (changed.get(value) ?? 0) + by);
  add(after, sign * indices.length);
  for (const value of before) add(value, -sign);
  return changed;
}
