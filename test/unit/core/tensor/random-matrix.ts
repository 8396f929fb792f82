import type { Matrix } from '../../../../main/core/tensor/matrix-product.ts';
import { createRandom } from '../../../fixtures/random.ts';

/** Elements in ±½, the same in every run. */
export function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed + 1);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => random() - 0.5) };
}

export function transpose({ rows, columns, data }: Matrix): Matrix {
  const turned = new Float64Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j];
  return { rows: columns, columns: rows, data: turned };
}
