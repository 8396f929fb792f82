import type { Matrix, Multiply } from './matrix-product.ts';

/** Bands of rows; each is multiplied only with what lies on and below the diagonal: 5/8 of the whole product. */
const bands = 4;
/** Below this many rows the bands cost more than they save. */
const leastRows = 64;

/**
 * X Xᵀ on and below its diagonal. Above it stand products or zeros: nothing that reads a symmetric matrix by its
 * lower triangle may look there.
 */
export async function gramMatrix(x: Matrix, multiply: Multiply): Promise<Matrix> {
  const { rows, columns } = x;
  if (rows < leastRows) return multiply(x, x, 'right');
  const gram = { rows, columns: rows, data: new Float64Array(rows * rows) };
  for (let band = 0; band < bands; band++) {
    const from = Math.floor((rows * band) / bands);
    const to = Math.floor((rows * (band + 1)) / bands);
    const rowsOf = (first: number) => ({
      rows: to - first,
      columns,
      data: x.data.subarray(first * columns, to * columns),
    });
    const product = await multiply(rowsOf(from), rowsOf(0), 'right');
    for (let i = from; i < to; i++)
      gram.data.set(product.data.subarray((i - from) * to, (i - from + 1) * to), i * rows);
  }
  return gram;
}
