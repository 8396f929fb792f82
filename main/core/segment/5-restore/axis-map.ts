import { nearestIndices, samplePositions, type Alignment } from '../../volume/resample/axis-plan.ts';

/**
 * How one axis of the output follows from one axis of the network grid: output o is
 * `(1 - upperWeight[o])·in[lower[k]] + upperWeight[o]·in[upper[k]]`, where k is its *cell*. Cells are the gaps
 * between neighbouring input samples, in ascending order; outputs of a cell are next to one another.
 */
export interface AxisMap {
  readonly inSize: number;
  readonly outSize: number;
  /** Input index below and above each cell; the same for nearest neighbour. */
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** Cell k holds the outputs firstOutput[k] … firstOutput[k + 1] - 1; one entry more than there are cells. */
  readonly firstOutput: Int32Array;
  readonly upperWeight: Float64Array;
}

export function cellCount(map: AxisMap): number {
  return map.lower.length;
}

/** The cell that output `o` is in. */
export function cellOf(map: AxisMap, o: number): number {
  let k = 0;
  while (map.firstOutput[k + 1] <= o) k++;
  return k;
}

/** Order 1 on half-pixel centres, clamped at the ends, which is how nnU-Net resamples logits (skimage `resize`). */
export function linearMap(inSize: number, outSize: number): AxisMap {
  if (inSize === outSize || inSize === 1) return nearestMap(inSize, outSize, 'half-pixel');
  const lower = new Int32Array(outSize);
  const upperWeight = new Float64Array(outSize);
  samplePositions(inSize, outSize, 'half-pixel').forEach((position, o) => {
    const at = Math.min(Math.max(position, 0), inSize - 1);
    lower[o] = Math.min(Math.floor(at), inSize - 2);
    upperWeight[o] = at - lower[o];
  });
  return groupIntoCells(inSize, lower, 1, upperWeight);
}

/** Order 0: nnU-Net's along a separate z, and TotalSegmentator's for labels on aligned corners. */
export function nearestMap(inSize: number, outSize: number, alignment: Alignment): AxisMap {
  return pickMap(inSize, nearestIndices(inSize, outSize, alignment));
}

/** Output o is input `picked[o]`, ascending. */
export function pickMap(inSize: number, picked: Int32Array): AxisMap {
  return groupIntoCells(inSize, picked, 0, new Float64Array(picked.length));
}

function groupIntoCells(
  inSize: number,
  lowerOfOutput: Int32Array,
  width: 0 | 1,
  upperWeight: Float64Array,
): AxisMap {
  const lower: number[] = [];
  const firstOutput: number[] = [];
  lowerOfOutput.forEach((index, o) => {
    if (o > 0 && index === lower.at(-1)) return;
    lower.push(index);
    firstOutput.push(o);
  });
  return {
    inSize,
    outSize: lowerOfOutput.length,
    lower: Int32Array.from(lower),
    upper: Int32Array.from(lower, (index) => index + width),
    firstOutput: Int32Array.from([...firstOutput, lowerOfOutput.length]),
    upperWeight,
  };
}
