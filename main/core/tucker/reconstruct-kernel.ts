import { multiplyMatrices } from '../tensor/matrix-product.ts';
import type { Kernel, KernelShape, TuckerKernel } from './kernel.ts';

/** core ×₀ U ×₁ V, in double precision and rounded once. */
export function reconstructKernel(shape: KernelShape, tucker: TuckerKernel): Kernel {
  const { rows, columns, taps } = shape;
  const { ranks } = tucker;
  const wide = (values: Float32Array) => Float64Array.from(values);
  // U · core as [rows, ranks.columns · taps]; then V · each row's [ranks.columns, taps].
  const left = multiplyMatrices(
    { rows, columns: ranks.rows, data: wide(tucker.rowFactor) },
    { rows: ranks.rows, columns: ranks.columns * taps, data: wide(tucker.core) },
  ).data;
  const factor = { rows: columns, columns: ranks.columns, data: wide(tucker.columnFactor) };
  const data = new Float32Array(rows * columns * taps);
  for (let i = 0; i < rows; i++) {
    const row = left.subarray(i * ranks.columns * taps, (i + 1) * ranks.columns * taps);
    const product = multiplyMatrices(factor, { rows: ranks.columns, columns: taps, data: row });
    data.set(product.data, i * columns * taps);
  }
  return { shape, data };
}
