/**
 * Cuts [from, to) into at most `parts` runs of about equal length, in order.
 */
export function splitRange(from: number, to: number, parts: number): readonly { from: number; to: number }[] {
  const size = Math.max(1, Math.ceil((to - from) / Math.max(1, parts)));
  const ranges = [];
  for (let start = from; start < to; start += size)
    ranges.push({ from: start, to: Math.min(to, start + size) });
  return ranges;
}
