import { multiplyMatrices, type Matrix, type Multiply } from './matrix-product.ts';
import type { Tridiagonal } from './tridiagonalise.ts';

/** Reflections that are applied together, as two matrix products. */
const blockSize = 32;

/**
 * Q Y, in place, for the Q of a tridiagonalised matrix and a `y` of its size, C order: eigenvectors of T become
 * those of the matrix. Reflections go in blocks, I − Vᵀ S V with the rows of V the vectors and S upper triangular
 * (compact WY: Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989).
 */
export async function reflectBack(tridiagonal: Tridiagonal, y: Matrix, multiply: Multiply): Promise<void> {
  const count = Math.max(0, tridiagonal.size - 2);
  for (let end = count; end > 0; end -= blockSize)
    await reflectBlock(tridiagonal, Math.max(0, end - blockSize), end, y, multiply);
}

async function reflectBlock(
  tridiagonal: Tridiagonal,
  from: number,
  to: number,
  y: Matrix,
  multiply: Multiply,
): Promise<void> {
  const { size } = tridiagonal;
  // Rows up to `from` stay as they are.
  const first = from + 1;
  const v = reflectionRows(tridiagonal, from, to);
  const part = { rows: size - first, columns: y.columns, data: y.data.subarray(first * y.columns) };
  const s = {
    rows: to - from,
    columns: to - from,
    data: joinScales(v, tridiagonal.scales.subarray(from, to)),
  };
  const change = await multiply(v, multiplyMatrices(s, await multiply(v, part)), 'left');
  for (let i = 0; i < part.data.length; i++) part.data[i] -= change.data[i];
}

/** The vectors of reflections `from` to `to`, one a row, without the zeros that all of them begin with. */
function reflectionRows({ size, reflectors }: Tridiagonal, from: number, to: number): Matrix {
  const columns = size - from - 1;
  const data = new Float64Array((to - from) * columns);
  for (let k = from; k < to; k++)
    data.set(reflectors.subarray(k * size + k + 1, (k + 1) * size), (k - from) * (columns + 1));
  return { rows: to - from, columns, data };
}

/** S: column j is −τⱼ S (V vⱼ) above its diagonal element τⱼ. */
function joinScales(v: Matrix, scales: Float64Array): Float64Array {
  const size = v.rows;
  const products = multiplyMatrices(v, v, 'right').data;
  const s = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    s[j * size + j] = scales[j];
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let k = i; k < j; k++) sum += s[i * size + k] * products[k * size + j];
      s[i * size + j] = -scales[j] * sum;
    }
  }
  return s;
}
