import { equalIntervals, intervalsOf } from './spacing.ts';
import type { SeriesPart } from './split-series.ts';
import { byPosition, stackUp } from './stack.ts';
import type { PlacedFrame } from './stack.ts';

// Fewer equal intervals in a row are no protocol but an accident, such as one missing slice.
const minIntervals = 3;
const maxRuns = 8;

/**
 * Splits a stack whose spacing changes on purpose, as in a head CT of thin slices at the base of the skull and thick ones
 * above: every run of equal intervals is a volume. A slice at the change belongs to the lower one. Anything less regular
 * stays whole, for the geometry gate to judge: a single long interval is a gap, never a reason to split, and so is a
 * spacing that changes and comes back.
 */
export function splitAtSpacingChange(part: SeriesPart<PlacedFrame>): SeriesPart<PlacedFrame>[] {
  const runs = byPosition(stackUp(part.images).slices);
  const intervals = intervalsOf(runs.map((run) => run[0]?.alongMm ?? 0));
  const even = evenRuns(intervals);
  if (even === null || even.length <= 1) return [part];
  return even.map(({ from, to }, index) => ({
    // n intervals have n + 1 slices: a run goes on to slice `to`, and the next one starts with the slice after that.
    images: runs
      .slice(index === 0 ? 0 : (even[index - 1]?.to ?? 0) + 1, to + 1)
      .flatMap((run) => run.map(({ image }) => image)),
    label: [part.label, `${Number((intervals[from] ?? 0).toFixed(2))} mm apart`].filter(Boolean).join(', '),
  }));
}

/** Runs [from, to) of equal intervals that together are all intervals; null if there are no such. */
function evenRuns(intervals: readonly number[]): { from: number; to: number }[] | null {
  const runs: { from: number; to: number }[] = [];
  for (let from = 0; from < intervals.length;) {
    const first = intervals[from] ?? 0;
    let to = from + 1;
    while (to < intervals.length && equalIntervals(first, intervals[to] ?? 0)) to++;
    if (to - from >= minIntervals) runs.push({ from, to });
    else if (!isTransition(intervals, from, to)) return null;
    if (runs.length > maxRuns) return null;
    from = to;
  }
  const isNew = runs.every(({ from }, index) =>
    runs.slice(0, index).every((other) => !equalIntervals(intervals[from] ?? 0, intervals[other.from] ?? 0)),
  );
  return isNew ? runs : null;
}

/** One interval between two runs, no longer than the longer of theirs: half of one and half of the other slice. */
function isTransition(intervals: readonly number[], from: number, to: number): boolean {
  const before = intervals[from - 1];
  const between = intervals[from];
  const after = intervals[to];
  if (to - from !== 1 || before === undefined || between === undefined || after === undefined) return false;
  return (
    !equalIntervals(before, after) && between > Math.min(before, after) && between < Math.max(before, after)
  );
}
