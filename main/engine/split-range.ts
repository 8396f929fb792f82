/**
 * Cuts [from, to) into at most `parts` runs, in order, whose lengths differ by one at most: with a short one left over,
 * one thread would wait for the others.
 */
export function splitRange(from: number, to: number, parts: number): readonly { from: number; to: number }[] {
  const size = Math.max(0, to - from);
  const runs = Math.min(size, Math.max(1, parts));
  const start = (run: number) => from + Math.floor((size * run) / runs);
  return Array.from({ length: runs }, (_, run) => ({ from: start(run), to: start(run + 1) }));
}
