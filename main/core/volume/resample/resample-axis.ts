import type { AxisPlan } from './axis-plan.ts';

// Spline resampling along one axis of a plane of float64 numbers, either down its columns (many lines at once: the
// inner loop runs along memory and has no dependency) or along its rows. Three ways were timed on one core, a slice of
// 512 × 512 to 137 × 137: this recursive prefilter with four taps takes 1.8 ms; both steps as one banded matrix of 36
// diagonals (where the prefilter's tail is below 1e-9) 2.6 ms for the first axis alone; two dense products in
// onnxruntime 1.1 ms, in float32 and with a session in every worker. A whole CT is 1 s of work either way, so the
// exact and independent one is used.

/** Pole of the cubic B-spline's recursive filter (Unser 1999, "Splines: a perfect fit", box 2). */
const POLE = Math.sqrt(3) - 2;

/** A source line in front of resampling needs this many numbers. */
export function paddedSize(plan: AxisPlan): number {
  return plan.sourceSize + 2 * plan.pad;
}

/**
 * Resamples the columns of `plane`, in which `width` lines lie side by side. The source rows are rows
 * `plan.pad` … `plan.pad + plan.sourceSize`; the padding rows are filled in here. `plane` is overwritten.
 *
 * @param out `plan.targetSize` rows of `width`
 */
export function resampleColumns(plane: Float64Array, width: number, plan: AxisPlan, out: Float64Array): void {
  const rows = paddedSize(plan);
  for (let p = 0; p < plan.pad; p++) {
    plane.copyWithin(p * width, plan.pad * width, (plan.pad + 1) * width);
    const last = rows - plan.pad - 1;
    plane.copyWithin((rows - 1 - p) * width, last * width, (last + 1) * width);
  }
  if (plan.order === 3) prefilterColumns(plane, rows, width);
  for (let i = 0; i < plan.targetSize; i++) {
    const from = plan.starts[i] * width;
    if (plan.taps === 1) out.set(plane.subarray(from, from + width), i * width);
    else combineRows(plane, from, width, plan, i, out);
  }
}

function combineRows(
  plane: Float64Array,
  from: number,
  width: number,
  plan: AxisPlan,
  i: number,
  out: Float64Array,
): void {
  const to = i * width;
  const w = i * plan.taps;
  const w0 = plan.weights[w];
  const w1 = plan.weights[w + 1];
  if (plan.taps > 4) {
    sumRows(plane, from, width, plan, i, out);
    return;
  }
  if (plan.taps === 2) {
    for (let x = 0; x < width; x++) out[to + x] = w0 * plane[from + x] + w1 * plane[from + width + x];
    return;
  }
  const w2 = plan.weights[w + 2];
  const w3 = plan.weights[w + 3];
  const second = from + width;
  const third = second + width;
  const fourth = third + width;
  for (let x = 0; x < width; x++) {
    out[to + x] =
      w0 * plane[from + x] + w1 * plane[second + x] + w2 * plane[third + x] + w3 * plane[fourth + x];
  }
}

/** Any number of taps: a row of the sum at a time. */
function sumRows(
  plane: Float64Array,
  from: number,
  width: number,
  { taps, weights }: AxisPlan,
  i: number,
  out: Float64Array,
): void {
  const to = i * width;
  out.fill(0, to, to + width);
  for (let t = 0; t < taps; t++) {
    const weight = weights[i * taps + t];
    const row = from + t * width;
    for (let x = 0; x < width; x++) out[to + x] += weight * plane[row + x];
  }
}

/**
 * Spline coefficients (less their gain of 6) of every column, in place: a causal and an anticausal recursion.
 * The signal goes on for ever at both ends with its outermost value, which scipy approximates by 12 copies of it;
 * the two differ by 0.27^24, that is, not in float64.
 */
function prefilterColumns(plane: Float64Array, rows: number, width: number): void {
  for (let x = 0; x < width; x++) plane[x] = plane[x] / (1 - POLE);
  for (let row = 1; row < rows - 1; row++) {
    const at = row * width;
    for (let i = at, end = at + width; i < end; i++) plane[i] = plane[i] + POLE * plane[i - width];
  }
  const last = (rows - 1) * width;
  for (let i = last, end = last + width; i < end; i++) {
    const steady = plane[i] / (1 - POLE);
    plane[i] = lastCoefficient(steady, plane[i] + POLE * plane[i - width]);
  }
  for (let row = rows - 2; row >= 0; row--) {
    const at = row * width;
    for (let i = at, end = at + width; i < end; i++) plane[i] = POLE * (plane[i + width] - plane[i]);
  }
}

/** −z·Σ_j z^j·c⁺[last + j], where c⁺ decays from its last value to its steady state as z^j. */
function lastCoefficient(steady: number, causal: number): number {
  return -POLE * (steady / (1 - POLE) + (causal - steady) / (1 - POLE * POLE));
}

/**
 * Resamples each of `rows` rows of `plane` (`plan.sourceSize` numbers each, back to back).
 *
 * @param line scratch, at least `paddedSize(plan)` numbers
 * @param out `rows` rows of `plan.targetSize`
 */
export function resampleRows(
  plane: Float64Array,
  rows: number,
  plan: AxisPlan,
  line: Float64Array,
  out: Float64Array,
): void {
  const { sourceSize, targetSize, taps, pad, starts, weights } = plan;
  const size = paddedSize(plan);
  for (let row = 0; row < rows; row++) {
    const from = row * sourceSize;
    for (let x = 0; x < sourceSize; x++) line[pad + x] = plane[from + x];
    for (let p = 0; p < pad; p++) {
      line[p] = line[pad];
      line[size - 1 - p] = line[size - pad - 1];
    }
    if (plan.order === 3) prefilterColumns(line, size, 1);
    const to = row * targetSize;
    for (let i = 0; i < targetSize; i++) {
      const start = starts[i];
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += weights[i * taps + t] * line[start + t];
      out[to + i] = sum;
    }
  }
}
