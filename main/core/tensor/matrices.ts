import type { Matrix } from './matrix-product.ts';

export function matrix(rows: number, columns: number, data: Float64Array): Matrix {
  return { rows, columns, data };
}

/** Row i times `scale[i]`; a shorter `scale` is repeated. */
export function scaleRows({ rows, columns, data }: Matrix, scale: Float64Array): Matrix {
  const scaled = data.slice();
  for (let i = 0, at = 0; i < rows; i++)
    for (const factor = scale[i % scale.length]; at < (i + 1) * columns; at++) scaled[at] *= factor;
  return { rows, columns, data: scaled };
}

/** [outer · inner, columns] as [inner, outer · columns]: element (a, b, c) goes to (b, a, c). */
export function swapInner({ columns, data }: Matrix, outer: number, inner: number): Matrix {
  if (outer === 1) return { rows: inner, columns, data };
  const swapped = new Float64Array(data.length);
  for (let a = 0; a < outer; a++)
    for (let b = 0; b < inner; b++) {
      const from = (a * inner + b) * columns;
      swapped.set(data.subarray(from, from + columns), (b * outer + a) * columns);
    }
  return { rows: inner, columns: outer * columns, data: swapped };
}

/**
 * Orthonormal columns that span what those of `source` span (modified Gram–Schmidt, twice). Columns that depend on
 * others become zero.
 */
export function orthonormalise({ rows, columns, data }: Matrix): Matrix {
  const q = data.slice();
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += q[i * columns + a] * q[i * columns + b];
    return sum;
  };
  for (let j = 0; j < columns; j++) {
    const before = Math.sqrt(dot(j, j));
    for (let pass = 0; pass < 2; pass++)
      for (let k = 0; k < j; k++) {
        const share = dot(k, j);
        for (let i = 0; i < rows; i++) q[i * columns + j] -= share * q[i * columns + k];
      }
    const norm = Math.sqrt(dot(j, j));
    const scale = norm > before * 1e-12 && norm > 0 ? 1 / norm : 0;
    for (let i = 0; i < rows; i++) q[i * columns + j] *= scale;
  }
  return { rows, columns, data: q };
}

export function transpose({ rows, columns, data }: Matrix): Matrix {
  return { rows: columns, columns: rows, data: transposed(data, rows, columns) };
}

/** [rows, columns] to [columns, rows]. */
export function transposed<T extends Float32Array | Float64Array>(
  source: T,
  rows: number,
  columns: number,
): T {
  const target = source.slice() as T;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) target[j * rows + i] = source[i * columns + j];
  return target;
}
