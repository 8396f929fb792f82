import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  multiplyMatrices,
  type Matrix,
  type Transposed,
} from '../../../../main/core/tensor/matrix-product.ts';
import { randomMatrix, transpose } from './random-matrix.ts';

/** The definition: every element a sum of products. */
function byDefinition(left: Matrix, right: Matrix): Float64Array {
  const data = new Float64Array(left.rows * right.columns);
  for (let i = 0; i < left.rows; i++)
    for (let j = 0; j < right.columns; j++)
      for (let k = 0; k < left.columns; k++)
        data[i * right.columns + j] += left.data[i * left.columns + k] * right.data[k * right.columns + j];
  return data;
}

function check(rows: number, inner: number, columns: number, transposed: Transposed, seed: number): void {
  const left = randomMatrix(rows, inner, seed);
  const right = randomMatrix(inner, columns, seed + 1);
  const product = multiplyMatrices(
    transposed === 'left' ? transpose(left) : left,
    transposed === 'right' ? transpose(right) : right,
    transposed,
  );
  expect([product.rows, product.columns]).toEqual([rows, columns]);
  const expected = byDefinition(left, right);
  // Sums of `inner` terms below 1 in another order: some ulps of their size.
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(product.data[i] - expected[i])).toBeLessThan(1e-12);
}

describe('matrix product', () => {
  it('is the sum of products at every size and transposition', () => {
    const size = fc.integer({ min: 1, max: 13 });
    const transposed = fc.constantFrom<Transposed>('none', 'left', 'right');
    fc.assert(fc.property(size, size, size, transposed, fc.nat(1000), check), { seed: 1, numRuns: 200 });
  });

  it('joins the blocks that larger operands are cut into', () => {
    check(259, 517, 6, 'none', 1);
    check(5, 1030, 9, 'left', 2);
    check(257, 513, 5, 'right', 3);
  });

  it('refuses operands that do not fit', () => {
    expect(() => multiplyMatrices(randomMatrix(2, 3, 1), randomMatrix(2, 3, 1))).toThrow(RangeError);
  });
});
