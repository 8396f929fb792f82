import type { Shape } from '../../onnx/infer-shapes.ts';
import { combinations, range } from './gradient-rule.ts';
import type { Window } from './window.ts';

/**
 * How the taps of a kernel along one axis come about in a matrix product of copies of `fine` and `coarse`: `cut`: a slice of the
 * padded `fine` for each tap; `draw`: all of the padded `fine` for each tap, begun later in its row; `push`: `coarse` for each
 * tap, begun later in its row. Copies of one side meet all copies of the other, so that taps of one axis multiply with those of
 * another one for nothing: a 3 × 3 × 3 kernel takes 9 copies of one side and 3 of the other in place of 27.
 */
export type Way = 'cut' | 'draw' | 'push';

export interface TapPlan {
  /** Per axis. */
  readonly ways: readonly Way[];
  /** Of what is multiplied, per axis: the places along cut axes, all of the padded `fine` along the others. */
  readonly length: readonly number[];
  /** Taps along the cut axes, the last axis fastest; 0 along the others. */
  readonly cutTaps: readonly (readonly number[])[];
  /** Axes that slices have bounds along; none where a slice would be everything. */
  readonly cutAxes: readonly number[];
  /** How much later in its row the copy of each tap begins, in voxels; the last axis fastest. */
  readonly drawn: readonly number[];
  readonly pushed: readonly number[];
  /** Voxels in a row of the product: the places and what is between copies. */
  readonly row: number;
}

/** What a multiplication and a copied number cost beside each other, on a processor of few cores. */
const productCost = 1;
const copyCost = 30;

/** The cheapest way to share the taps out. */
export function planTaps(window: Window, fine: Shape, coarse: Shape): TapPlan {
  const options = combinations(
    window.kernel.map((size, axis): readonly Way[] =>
      window.strides[axis] === 1 && size > 1 ? ['cut', 'draw', 'push'] : ['cut'],
    ),
  );
  const plans = options.map((ways) => planOf(window, ways, fine, coarse));
  const costs = plans.map((plan) => costOf(plan, fine, coarse));
  return plans[costs.indexOf(Math.min(...costs))]!;
}

function planOf(window: Window, ways: readonly Way[], fine: Shape, coarse: Shape): TapPlan {
  const { kernel, strides, dilations, pads } = window;
  const count = kernel.length;
  const axes = range(count);
  const padded = axes.map((axis) => fine[axis + 2]! + pads[axis]! + pads[axis + count]!);
  const length = axes.map((axis) => (ways[axis] === 'cut' ? coarse[axis + 2]! : padded[axis]!));
  const shifts = (way: Way): number[] =>
    tapsAlong(kernel, (axis) => ways[axis] === way).map((tap) =>
      tap.reduce((sum, k, axis) => sum + k * dilations[axis]! * productOf(length.slice(axis + 1)), 0),
    );
  const drawn = shifts('draw');
  const pushed = shifts('push');
  // A copy must end before the next one begins, the last one before its row ends.
  const largestStep = Math.max(0, ...drawn.slice(1).map((shift, at) => shift - drawn[at]!));
  const coarseSize = coarse[2]! * productOf(length.slice(1));
  return {
    ways,
    length,
    cutTaps: tapsAlong(kernel, (axis) => ways[axis] === 'cut'),
    cutAxes: axes.filter(
      (axis) => ways[axis] === 'cut' && (strides[axis] !== 1 || padded[axis] !== length[axis]),
    ),
    drawn,
    pushed,
    row: Math.max(productOf(length) + largestStep, coarseSize + pushed.at(-1)!),
  };
}

function costOf(
  { cutAxes, cutTaps, drawn, pushed, length, row }: TapPlan,
  fine: Shape,
  coarse: Shape,
): number {
  const fineRows = fine[1]! * cutTaps.length * drawn.length * row;
  const slices = cutAxes.length > 0 ? fine[1]! * cutTaps.length * productOf(length) : 0;
  const coarseRows = coarse[1]! * pushed.length * row;
  return productCost * ((fineRows * coarseRows) / row) + copyCost * (fineRows + slices + coarseRows);
}

/** Every tap of the axes that are wanted, the last axis fastest; 0 along the others. */
function tapsAlong(kernel: readonly number[], isWanted: (axis: number) => boolean): number[][] {
  return combinations(kernel.map((size, axis) => range(isWanted(axis) ? size : 1)));
}

export function productOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}
