import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { multiplyMatrices, type Transposed } from '../../../../main/core/tensor/matrix-product.ts';
import { createMultiply, type NativeMultiply } from '../../../../native/onnxruntime/create-multiply.ts';
import { randomMatrix, transpose } from '../../core/tensor/random-matrix.ts';

describe('matrix product on onnxruntime', () => {
  let native: NativeMultiply;
  beforeAll(async () => {
    native = await createMultiply(1);
  });
  afterAll(() => native.release());

  it.each<Transposed>(['none', 'left', 'right'])('is the product of core: %s', async (transposed) => {
    for (const [rows, inner, columns] of [
      [1, 1, 1],
      [37, 300, 65],
      [9, 2000, 3],
    ]) {
      const left = randomMatrix(rows, inner, 1);
      const right = randomMatrix(inner, columns, 2);
      const operands = [
        transposed === 'left' ? transpose(left) : left,
        transposed === 'right' ? transpose(right) : right,
      ] as const;
      const product = await native.multiply(...operands, transposed);
      const expected = multiplyMatrices(left, right);
      expect([product.rows, product.columns]).toEqual([rows, columns]);
      expect(product.data).toBeInstanceOf(Float64Array);
      // Double precision, in another order.
      expected.data.forEach((value, i) => expect(Math.abs(product.data[i] - value)).toBeLessThan(1e-12));
    }
  });
});
