import type { Matrix, Multiply } from '../../tensor/matrix-product.ts';

/** Columns that are factored at a time; the rest of the work is matrix products. */
const block = 64;

/**
 * The lower triangle L of a symmetric positive definite matrix, L Lᵀ = A (Cholesky, left-looking in blocks). A pivot
 * that rounding made too small is raised to the level of rounding, so that a matrix on the edge of singular gives
 * finite solutions.
 *
 * @param matrix square; only its lower triangle is read; not changed
 */
export async function factorPositive(matrix: Matrix, multiply: Multiply): Promise<Matrix> {
  const n = matrix.rows;
  const data = matrix.data.slice();
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, data[i * n + i]);
  const least = Math.max(largest * n * Number.EPSILON, Number.MIN_VALUE * 2 ** 60);
  for (let from = 0; from < n; from += block) {
    const to = Math.min(n, from + block);
    if (from > 0) await subtractDone(data, n, from, to, multiply);
    for (let j = from; j < to; j++) {
      const pivot = Math.sqrt(Math.max(least, data[j * n + j] - sumOfSquares(data, j * n + from, j - from)));
      data[j * n + j] = pivot;
      for (let i = j + 1; i < n; i++) {
        let sum = data[i * n + j];
        for (let k = from; k < j; k++) sum -= data[i * n + k] * data[j * n + k];
        data[i * n + j] = sum / pivot;
      }
    }
  }
  for (let i = 0; i < n; i++) data.fill(0, i * n + i + 1, (i + 1) * n);
  return { rows: n, columns: n, data };
}

/** From columns [from, to) and the rows below `from`, what the columns before them account for. */
async function subtractDone(
  data: Float64Array,
  n: number,
  from: number,
  to: number,
  multiply: Multiply,
): Promise<void> {
  const done = { rows: n - from, columns: from, data: new Float64Array((n - from) * from) };
  for (let i = from; i < n; i++) done.data.set(data.subarray(i * n, i * n + from), (i - from) * from);
  const width = to - from;
  const first = { rows: width, columns: from, data: done.data.subarray(0, width * from) };
  const product = (await multiply(done, first, 'right')).data;
  for (let i = from; i < n; i++)
    for (let j = from; j < to; j++) data[i * n + j] -= product[(i - from) * width + j - from];
}

function sumOfSquares(data: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let k = from; k < from + count; k++) sum += data[k] * data[k];
  return sum;
}

/** X with X A = B, row by row, for A = L Lᵀ. */
export function solvePositive(lower: Matrix, right: Matrix): Matrix {
  const n = lower.rows;
  const l = lower.data;
  const data = right.data.slice();
  for (let row = 0; row < right.rows; row++) {
    const x = data.subarray(row * n, (row + 1) * n);
    for (let i = 0; i < n; i++) {
      let sum = x[i];
      for (let k = 0, at = i * n; k < i; k++, at++) sum -= l[at] * x[k];
      x[i] = sum / l[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      const value = x[i] / l[i * n + i];
      x[i] = value;
      for (let k = 0, at = i * n; k < i; k++, at++) x[k] -= l[at] * value;
    }
  }
  return { rows: right.rows, columns: n, data };
}
