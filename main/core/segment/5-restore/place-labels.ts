import type { RestorePlan } from '../1-preprocess/preprocessed.ts';
import { boxShape, type Box } from '../../volume/box.ts';
import type { Vec3 } from '../../volume/volume.ts';

/**
 * Writes planes of labels of a box of the input grid, in network axes, to where they belong in the grid that was read: undoes
 * the crop, transposeForward and the orientation.
 *
 * @param planes [plane, b1, b2] of the box, planes `firstPlane` and following
 * @param box network axes of the whole input grid
 * @param into [z, y, x] of the whole input grid; what lies outside the box is left as it is
 * @param rows [start, end) along b1 to write; all by default
 */
export function placeLabels(
  planes: Uint8Array,
  firstPlane: number,
  box: Box,
  plan: RestorePlan,
  into: Uint8Array,
  rows: readonly [number, number] = [0, boxShape(box)[1]],
): void {
  const [, n1, n2] = boxShape(box);
  const { strides, origin } = networkStrides(plan, box);
  const [s0, s1, s2] = strides;
  const count = planes.length / (n1 * n2);
  for (let p = 0; p < count; p++) {
    for (let y = rows[0]; y < rows[1]; y++) {
      const from = (p * n1 + y) * n2;
      let at = origin + (firstPlane + p) * s0 + y * s1;
      // Whole rows are copied, and turned, several times as fast as single voxels.
      if (s2 === 1) into.set(planes.subarray(from, from + n2), at);
      else if (s2 === -1) into.set(planes.slice(from, from + n2).reverse(), at - n2 + 1);
      else {
        for (let x = 0; x < n2; x++, at += s2) into[at] = planes[from + x];
      }
    }
  }
}

/** Strides of the network axes in the input array, and the offset of the crop's first voxel. */
function networkStrides(
  { inputShapeZyx, permutation, flips }: RestorePlan,
  box: Box,
): { strides: Vec3; origin: number } {
  const arrayStrides = [inputShapeZyx[1] * inputShapeZyx[2], inputShapeZyx[2], 1];
  let origin = 0;
  const strides = permutation.map((axis, i) => {
    const stride = arrayStrides[axis];
    origin += stride * (flips[i] ? inputShapeZyx[axis] - 1 - box.start[i] : box.start[i]);
    return flips[i] ? -stride : stride;
  });
  return { strides: strides as unknown as Vec3, origin };
}
