/** A slice within an array: `rows` · `columns` values from `offset`. */
export interface Slice {
  readonly voxels: Int16Array | Uint16Array | Float32Array;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Moves an image by a fraction of pixels along its rows (y) and columns (x), with linear interpolation: what was at row
 * r comes to lie at row r + shift.y. Target pixels whose centre comes from outside the image (more than half a
 * pixel beyond the outermost centres, as in ITK) get `outside`. Integers are rounded.
 */
export function shiftSlice(
  source: Slice,
  target: Slice,
  shift: { readonly y: number; readonly x: number },
  outside: number,
): void {
  const whole = !(target.voxels instanceof Float32Array);
  const xs = Array.from({ length: target.columns }, (_, x) => neighbours(x - shift.x, source.columns));
  for (let y = 0; y < target.rows; y++) {
    const to = target.offset + y * target.columns;
    const row = neighbours(y - shift.y, source.rows);
    if (!row) {
      target.voxels.fill(outside, to, to + target.columns);
      continue;
    }
    const upper = source.offset + row.low * source.columns;
    const lower = source.offset + row.high * source.columns;
    for (let x = 0; x < target.columns; x++) {
      const column = xs[x];
      if (!column) {
        target.voxels[to + x] = outside;
        continue;
      }
      const { low, high, weight } = column;
      const above = source.voxels[upper + low]! * (1 - weight) + source.voxels[upper + high]! * weight;
      const below = source.voxels[lower + low]! * (1 - weight) + source.voxels[lower + high]! * weight;
      const value = above * (1 - row.weight) + below * row.weight;
      target.voxels[to + x] = whole ? Math.round(value) : value;
    }
  }
}

/** The two samples around a position and the share of the second; null outside. */
function neighbours(position: number, size: number): { low: number; high: number; weight: number } | null {
  if (position < -0.5 || position > size - 0.5) return null;
  const inside = Math.min(Math.max(position, 0), size - 1);
  const low = Math.floor(inside);
  return { low, high: Math.min(low + 1, size - 1), weight: inside - low };
}
