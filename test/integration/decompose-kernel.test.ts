import { afterAll, describe, expect, it } from 'vitest';
import { decomposeKernel } from '../../main/core/tucker/decompose-kernel.ts';
import type { TuckerKernel } from '../../main/core/tucker/kernel.ts';
import { createPool } from '../../main/engine/pool.ts';
import { randomKernel } from '../unit/core/tucker/random-kernel.ts';

describe('decomposing in worker threads', () => {
  const pool = createPool({ threads: 2 });
  afterAll(() => pool.destroy());

  it('gives what one thread gives without onnxruntime', async () => {
    const layers = [
      { kernel: randomKernel(24, 16, 27, 1), ranks: [{ rows: 12, columns: 12 }] },
      {
        kernel: randomKernel(10, 30, 8, 2),
        ranks: [
          { rows: 4, columns: 9 },
          { rows: 10, columns: 30 },
        ],
      },
      { kernel: randomKernel(16, 16, 1, 3), ranks: [{ rows: 5, columns: 5 }] },
    ];
    const run = (task: (typeof layers)[number]): Promise<TuckerKernel[]> =>
      pool.run(task, { name: 'decomposeKernel' });
    const threaded = await Promise.all(layers.map(run));
    for (const [i, { kernel, ranks }] of layers.entries()) {
      const alone = await decomposeKernel(kernel, ranks);
      // The products differ in their last bits; the errors agree to them.
      alone.forEach((each, r) => {
        expect(threaded[i][r].error).toBeCloseTo(each.error, 10);
        expect(threaded[i][r].core).toHaveLength(each.core.length);
      });
    }
  });
});
