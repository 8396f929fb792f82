/** Planes [start, end) along z. */
export interface PlaneRange {
  readonly start: number;
  readonly end: number;
}

/**
 * In which order a volume is asked for: the middle plane alone, so that something is seen at once; then blocks outward,
 * above and below in turn, which grow to `blockPlanes`. Every plane is in one range.
 */
export function loadOrder(planes: number, blockPlanes: number): PlaneRange[] {
  if (planes === 0) return [];
  const middle = Math.floor(planes / 2);
  const ranges: PlaneRange[] = [{ start: middle, end: middle + 1 }];
  let [low, high, size] = [middle, middle + 1, 2];
  while (low > 0 || high < planes) {
    const length = Math.min(size, blockPlanes);
    if (high < planes) {
      ranges.push({ start: high, end: Math.min(planes, high + length) });
      high = Math.min(planes, high + length);
    }
    if (low > 0) {
      ranges.push({ start: Math.max(0, low - length), end: low });
      low = Math.max(0, low - length);
    }
    size *= 2;
  }
  return ranges;
}
