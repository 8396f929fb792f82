import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiplyMatrices } from '../../../../main/core/tensor/matrix-product.ts';
import { decomposeKernel } from '../../../../main/core/tucker/decompose-kernel.ts';
import type { Kernel, TuckerKernel } from '../../../../main/core/tucker/kernel.ts';
import { reconstructKernel } from '../../../../main/core/tucker/reconstruct-kernel.ts';
import { readNpy } from '../../../fixtures/read-npy.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';
import { randomKernel } from './random-kernel.ts';

/** ‖a − b‖ / ‖b‖. */
function distance(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

function gap(kernel: Kernel, tucker: TuckerKernel): number {
  return distance(reconstructKernel(kernel.shape, tucker).data, kernel.data);
}

const size = fc.integer({ min: 1, max: 14 });
const taps = fc.constantFrom(1, 3, 8, 9, 27);

describe('Tucker-2 of a kernel', () => {
  it('is the kernel itself at full rank', async () => {
    const check = async (rows: number, columns: number, count: number, seed: number) => {
      const kernel = randomKernel(rows, columns, count, seed);
      const [full] = await decomposeKernel(kernel, [{ rows, columns }]);
      // float32 factors: some 1e-7 each.
      expect(gap(kernel, full)).toBeLessThan(1e-6);
      expect(full.error).toBeLessThan(1e-6);
    };
    await fc.assert(fc.asyncProperty(size, size, taps, fc.nat(1000), check), { seed: 1, numRuns: 60 });
  });

  it('states the error that the factors have, and it falls as a rank grows', async () => {
    const check = async (rows: number, columns: number, count: number, seed: number) => {
      const kernel = randomKernel(rows, columns, count, seed);
      const ranks = Array.from({ length: Math.max(rows, columns) }, (_, i) => ({
        rows: Math.min(rows, i + 1),
        columns: Math.min(columns, i + 1),
      }));
      const steps = await decomposeKernel(kernel, ranks);
      steps.forEach((step, i) => {
        expect(Math.abs(gap(kernel, step) - step.error)).toBeLessThan(1e-6);
        // HOOI stops within 1e-4 of where it would settle.
        if (i > 0) expect(step.error).toBeLessThanOrEqual(steps[i - 1].error + 1e-4);
      });
    };
    await fc.assert(fc.asyncProperty(size, size, taps, fc.nat(1000), check), { seed: 2, numRuns: 25 });
  });

  it('finds a kernel of low rank exactly', async () => {
    const shape = { rows: 20, columns: 14, taps: 27 };
    const { rowFactor, columnFactor } = (
      await decomposeKernel(randomKernel(20, 14, 27, 1), [{ rows: 5, columns: 3 }])
    )[0];
    const core = randomKernel(5, 3, 27, 2).data;
    const kernel = reconstructKernel(shape, {
      ranks: { rows: 5, columns: 3 },
      rowFactor,
      columnFactor,
      core,
      error: 0,
    });
    const [exact, low] = await decomposeKernel(kernel, [
      { rows: 5, columns: 3 },
      { rows: 4, columns: 3 },
    ]);
    expect(gap(kernel, exact)).toBeLessThan(1e-6);
    expect(low.error).toBeGreaterThan(0.01);
  });

  it('is the truncated singular value decomposition for a matrix', async () => {
    // diag(5, 4, 3, 2, 1): what is left out is known.
    const data = Float32Array.from({ length: 30 }, (_, i) => (i % 6 === Math.floor(i / 6) ? 5 - (i % 6) : 0));
    const kernel = { shape: { rows: 5, columns: 6, taps: 1 }, data };
    const results = await decomposeKernel(kernel, [
      { rows: 2, columns: 2 },
      { rows: 4, columns: 3 },
    ]);
    expect(results[0].error).toBeCloseTo(Math.sqrt((9 + 4 + 1) / 55), 10);
    expect(results[1].error).toBeCloseTo(Math.sqrt((4 + 1) / 55), 10);
  });

  it('takes a kernel of zeros', async () => {
    const kernel = { shape: { rows: 3, columns: 4, taps: 8 }, data: new Float32Array(96) };
    const [zero] = await decomposeKernel(kernel, [{ rows: 2, columns: 2 }]);
    expect(zero.error).toBe(0);
    expect(reconstructKernel(kernel.shape, zero).data.every((value) => value === 0)).toBe(true);
  });

  it('refuses ranks outside the kernel', async () => {
    const kernel = randomKernel(4, 3, 1, 1);
    for (const ranks of [
      { rows: 0, columns: 1 },
      { rows: 5, columns: 1 },
      { rows: 1, columns: 4 },
      { rows: 1.5, columns: 1 },
    ])
      await expect(decomposeKernel(kernel, [ranks])).rejects.toThrow(RangeError);
  });

  it('gives the same with a product that answers later', async () => {
    const kernel = randomKernel(12, 10, 27, 3);
    const ranks = [{ rows: 9, columns: 4 }];
    const later: typeof multiplyMatrices = (...args) => multiplyMatrices(...args);
    expect(await decomposeKernel(kernel, ranks, async (...args) => later(...args))).toEqual(
      await decomposeKernel(kernel, ranks),
    );
  });
});

const golden = join(sharedData, 'golden/tucker');
const json = (name: string) => JSON.parse(readFileSync(join(golden, name), 'utf8'));

describeShared('Tucker-2 of the golden kernels', () => {
  it('has the errors and reconstructions of TensorLy', async () => {
    const names = readdirSync(golden)
      .filter((name) => name.endsWith('_errors.json'))
      .map((name) => name.replace('_errors.json', ''));
    expect(names.length).toBeGreaterThanOrEqual(7);
    for (const name of names) await expectGolden(name);
  });
});

/** Every row of the kernel's error table, and the reconstructions that are on file. */
async function expectGolden(name: string): Promise<void> {
  const { data, shape } = readNpy(join(golden, `${name}.npy`));
  const [rows, columns, ...window] = shape;
  const kernel = {
    shape: { rows, columns, taps: window.reduce((a, b) => a * b, 1) },
    data: data as Float32Array,
  };
  const wanted = json(`${name}_errors.json`).rows;
  const ranks = wanted.map((row: Record<string, number>) => ({
    rows: row['rank_mode0'],
    columns: row['rank_mode1'],
  }));
  const results = await decomposeKernel(kernel, ranks);
  for (const [i, row] of wanted.entries()) {
    // The reference ran in float32; ours in float64 agrees with its float64 run to far less.
    expect(Math.abs(results[i].error - row.rel_error), name).toBeLessThanOrEqual(1e-4 * row.rel_error);
    if (!row.reconstruction_file) continue;
    const { tolerance } = json(row.reconstruction_file.replace('.npy', '.json'));
    const theirs = readNpy(join(golden, row.reconstruction_file)).data as Float32Array;
    const ours = reconstructKernel(kernel.shape, results[i]).data;
    expect(distance(ours, theirs), row.reconstruction_file).toBeLessThan(tolerance.same_stopping_rule);
  }
}
