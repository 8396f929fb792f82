import { describe, expect, it } from 'vitest';
import { gramMatrix } from '../../../../main/core/tensor/gram-matrix.ts';
import { multiplyMatrices } from '../../../../main/core/tensor/matrix-product.ts';
import { randomMatrix } from './random-matrix.ts';

describe('Gram matrix', () => {
  it.each([1, 63, 64, 67, 130])(
    'is the product with the transpose on and below the diagonal: %i rows',
    async (rows) => {
      const x = randomMatrix(rows, 9, rows);
      const gram = await gramMatrix(x, multiplyMatrices);
      const whole = multiplyMatrices(x, x, 'right');
      expect([gram.rows, gram.columns]).toEqual([rows, rows]);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j <= i; j++)
          expect(gram.data[i * rows + j]).toBeCloseTo(whole.data[i * rows + j], 12);
    },
  );
});
