import type { StridedView } from '../../volume/strided-view.ts';
import type { Voxels } from '../../volume/volume.ts';
import type { IntensityMap } from './intensity-map.ts';

/** Smallest and largest of some values. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/** Where a mask lies over the same view of the same voxels: 1 inside, 0 outside. */
export interface ViewedMask {
  readonly mask: Uint8Array;
  readonly view: StridedView;
}

/**
 * Normalises one slice of a view (axes: slice, row, column) into `plane`, row by row. Outside the mask, where all
 * channels are 0, the result stays 0.
 *
 * @returns the range of the normalised values
 */
export function loadPlane(
  voxels: Voxels,
  view: StridedView,
  slice: number,
  map: IntensityMap,
  masked: ViewedMask | null,
  plane: Float64Array,
): ValueRange {
  const [, rows, columns] = view.shape;
  const [sliceStride, rowStride, columnStride] = view.strides;
  const { lower, upper } = map;
  const subtract = Math.fround(map.subtract);
  const divide = Math.fround(map.divide);
  let min = Infinity;
  let max = -Infinity;
  let to = 0;
  for (let row = 0; row < rows; row++) {
    let from = view.offset + slice * sliceStride + row * rowStride;
    for (let column = 0; column < columns; column++, from += columnStride) {
      let value = voxels[from];
      if (value < lower) value = lower;
      else if (value > upper) value = upper;
      value = Math.fround(Math.fround(value - subtract) / divide);
      if (value < min) min = value;
      if (value > max) max = value;
      plane[to++] = value;
    }
  }
  return masked === null ? { min, max } : clearOutside(masked, slice, plane);
}

function clearOutside({ mask, view }: ViewedMask, slice: number, plane: Float64Array): ValueRange {
  const [, rows, columns] = view.shape;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0, to = 0; row < rows; row++) {
    let from = view.offset + slice * view.strides[0] + row * view.strides[1];
    for (let column = 0; column < columns; column++, to++, from += view.strides[2]) {
      if (mask[from] === 0) plane[to] = 0;
      const value = plane[to];
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return { min, max };
}
