/**
 * All subsets of the axes that test-time mirroring may flip, the empty one first. nnU-Net
 * (`_internal_maybe_mirror_and_predict`) averages the outputs, flipped back, over all of them.
 */
export function mirrorings(axes: readonly number[]): number[][] {
  return axes.reduce<number[][]>(
    (subsets, axis) => [...subsets, ...subsets.map((each) => [...each, axis])],
    [[]],
  );
}
