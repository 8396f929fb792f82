import type { Kernel } from '../../../../main/core/tucker/kernel.ts';
import { createRandom } from '../../../fixtures/random.ts';

/** Weights in ±½, the same in every run. */
export function randomKernel(rows: number, columns: number, taps: number, seed: number): Kernel {
  const random = createRandom(seed + 1);
  const data = Float32Array.from({ length: rows * columns * taps }, () => random() - 0.5);
  return { shape: { rows, columns, taps }, data };
}
