import type { Vec3 } from '../../../main/core/volume/volume.ts';

/** The array axis that a plane cuts: 0 z, 1 y, 2 x. */
export type Axis = 0 | 1 | 2;

/** One slice of a labelmap: rows along the slower of its two axes. */
export interface Slice {
  readonly width: number;
  readonly height: number;
  /** Row by row. */
  readonly values: Uint8Array;
}

/** The axes along the rows (down) and the columns (across) of a slice through `axis`. */
export function sliceAxes(axis: Axis): { readonly down: Axis; readonly across: Axis } {
  return axis === 0 ? { down: 1, across: 2 } : axis === 1 ? { down: 0, across: 2 } : { down: 0, across: 1 };
}

/** The voxel (z, y, x) of a place in a slice. */
export function voxelOfSlice(axis: Axis, index: number, row: number, column: number): Vec3 {
  return axis === 0 ? [index, row, column] : axis === 1 ? [row, index, column] : [row, column, index];
}

/** Slice `index` through `axis`; across z it is a view, else a copy. */
export function takeSlice(
  labels: Uint8Array,
  [planes, rows, columns]: Vec3,
  axis: Axis,
  index: number,
): Slice {
  if (axis === 0) {
    const size = rows * columns;
    return { width: columns, height: rows, values: labels.subarray(index * size, (index + 1) * size) };
  }
  if (axis === 1) {
    const values = new Uint8Array(planes * columns);
    for (let z = 0; z < planes; z++) {
      const from = (z * rows + index) * columns;
      values.set(labels.subarray(from, from + columns), z * columns);
    }
    return { width: columns, height: planes, values };
  }
  const values = new Uint8Array(planes * rows);
  for (let at = 0, from = index; at < values.length; at++, from += columns) values[at] = labels[from]!;
  return { width: rows, height: planes, values };
}

/** Of two slices of one size. */
export const comparison = { agree: 1, onlyFirst: 2, onlySecond: 3, differ: 4 } as const;

/**
 * Where two slices agree: 0 where neither has a label. With `value` the others count as background; without it a voxel
 * that both have, as different labels, is `differ`.
 */
export function compareSlices(first: Slice, second: Slice, value: number | null): Slice {
  const { width, height } = first;
  const values = new Uint8Array(first.values.length);
  for (let at = 0; at < values.length; at++) {
    let [a, b] = [first.values[at]!, second.values[at]!];
    if (value !== null) {
      if (a !== value) a = 0;
      if (b !== value) b = 0;
    }
    if (a === 0 && b === 0) continue;
    values[at] =
      a === b
        ? comparison.agree
        : b === 0
          ? comparison.onlyFirst
          : a === 0
            ? comparison.onlySecond
            : comparison.differ;
  }
  return { width, height, values };
}
