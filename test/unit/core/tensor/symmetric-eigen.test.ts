import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiplyMatrices, type Matrix } from '../../../../main/core/tensor/matrix-product.ts';
import { symmetricEigen } from '../../../../main/core/tensor/symmetric-eigen.ts';
import { randomMatrix } from './random-matrix.ts';

const gram = (x: Matrix) => multiplyMatrices(x, x, 'right');
const copyOf = (matrix: Matrix): Matrix => ({ ...matrix, data: matrix.data.slice() });

function square(size: number, element: (row: number, column: number) => number): Matrix {
  const at = (_: unknown, i: number) => element(Math.floor(i / size), i % size);
  return { rows: size, columns: size, data: Float64Array.from({ length: size * size }, at) };
}

/** A V = V Λ and Vᵀ V = I, relative to the largest eigenvalue; both hold to n · 2⁻⁵² times a small factor. */
async function expectEigen(matrix: Matrix, from = 0, to = matrix.rows): Promise<void> {
  const eigen = symmetricEigen(copyOf(matrix));
  const vectors = await eigen.vectors(from, to);
  const count = to - from;
  const largest = Math.max(...eigen.values.map(Math.abs)) || 1;
  const image = multiplyMatrices(matrix, vectors).data;
  const products = multiplyMatrices(vectors, vectors, 'left').data;
  for (let i = 0; i < image.length; i++)
    expect(Math.abs(image[i] - vectors.data[i] * eigen.values[from + (i % count)]) / largest).toBeLessThan(
      1e-12,
    );
  for (let i = 0; i < products.length; i++) {
    const unit = Math.floor(i / count) === i % count ? 1 : 0;
    expect(Math.abs(products[i] - unit)).toBeLessThan(1e-10);
  }
  for (let i = 1; i < matrix.rows; i++) expect(eigen.values[i]).toBeLessThanOrEqual(eigen.values[i - 1]);
}

describe('symmetric eigenproblem', () => {
  it('gives values and orthonormal vectors of Gram matrices of any size and rank', async () => {
    const size = fc.integer({ min: 1, max: 40 });
    const check = (rows: number, columns: number, seed: number) =>
      expectEigen(gram(randomMatrix(rows, columns, seed)));
    await fc.assert(fc.asyncProperty(size, size, fc.nat(1000), check), { seed: 1, numRuns: 60 });
  });

  it('gives any stretch of the vectors', async () => {
    const matrix = gram(randomMatrix(80, 120, 4));
    await expectEigen(matrix, 0, 7);
    await expectEigen(matrix, 30, 50);
    await expectEigen(matrix, 70, 80);
    await expectEigen(matrix, 5, 5);
  });

  it('separates what coincides: zero, identity, blocks, equal rows', async () => {
    await expectEigen(square(30, () => 0));
    await expectEigen(square(30, (i, j) => (i === j ? 1 : 0)));
    await expectEigen(square(30, (i, j) => (i === j ? i % 3 : 0)));
    await expectEigen(square(30, () => 1));
    await expectEigen(square(30, (i, j) => (i % 2 === j % 2 ? 1 : 0)));
  });

  it('takes negative eigenvalues, and any scale', async () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const x = randomMatrix(25, 25, 9).data;
      await expectEigen(square(25, (i, j) => scale * (x[i * 25 + j] + x[j * 25 + i])));
    }
  });

  it('finds the eigenvalues of a matrix that has them in closed form', () => {
    // Second differences: 2 − 2 cos(kπ / (n + 1)).
    const size = 50;
    const { values } = symmetricEigen(square(size, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)));
    for (let k = 1; k <= size; k++)
      expect(values[size - k]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (size + 1)), 12);
  });
});
