import type { Box } from './box.ts';
import { boxShape } from './box.ts';
import type { Orientation } from './orientation.ts';
import type { Vec3 } from './volume.ts';

/**
 * A way to read a flat array as a 3-D array without copying it: element (i, j, k) is at
 * `offset + i·strides[0] + j·strides[1] + k·strides[2]`. A flipped axis has a negative stride.
 */
export interface StridedView {
  readonly offset: number;
  readonly strides: Vec3;
  readonly shape: Vec3;
}

/** The view of a C-ordered array, last axis fastest. */
export function denseView(shape: Vec3): StridedView {
  return { offset: 0, strides: [shape[1] * shape[2], shape[2], 1], shape };
}

/** Axis i of the result is axis `permutation[i]` of `view`, run backwards where `flips[i]`. */
export function orientView(view: StridedView, { permutation, flips }: Orientation): StridedView {
  let offset = view.offset;
  const strides: number[] = [];
  const shape: number[] = [];
  permutation.forEach((axis, i) => {
    const stride = view.strides[axis];
    const size = view.shape[axis];
    if (flips[i]) offset += stride * (size - 1);
    strides.push(flips[i] ? -stride : stride);
    shape.push(size);
  });
  return { offset, strides: strides as unknown as Vec3, shape: shape as unknown as Vec3 };
}

export function cropView(view: StridedView, box: Box): StridedView {
  const [s0, s1, s2] = view.strides;
  const offset = view.offset + box.start[0] * s0 + box.start[1] * s1 + box.start[2] * s2;
  return { offset, strides: view.strides, shape: boxShape(box) };
}
