import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../main/core/onnx/build-graph.ts';
import { multiplyMatrices, type Matrix } from '../../../../main/core/tensor/matrix-product.ts';
import { symmetricEigen } from '../../../../main/core/tensor/symmetric-eigen.ts';
import { compressModel } from '../../../../main/core/tucker/compress-model.ts';
import { estimateRank } from '../../../../main/core/tucker/estimate-rank.ts';
import { estimateKernelRanks, ranksByNoise } from '../../../../main/core/tucker/estimate-ranks.ts';
import { reconstructKernel } from '../../../../main/core/tucker/reconstruct-kernel.ts';
import { createRandom } from '../../../fixtures/random.ts';
import { network, randomTensor } from './layer-networks.ts';

/** Standard normal numbers (Box and Muller). */
function normals(length: number, seed: number): Float64Array {
  const random = createRandom(seed + 1);
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return Float64Array.from({ length }, normal);
}

const matrix = (rows: number, columns: number, seed: number): Matrix => ({
  rows,
  columns,
  data: normals(rows * columns, seed),
});

/** A product of two normal matrices, and noise of standard deviation `sigma`. */
function planted(rows: number, columns: number, rank: number, sigma: number, seed: number): Matrix {
  const low = multiplyMatrices(matrix(rows, rank, seed), matrix(rank, columns, seed + 1));
  const noise = normals(rows * columns, seed + 2);
  return { ...low, data: low.data.map((value, i) => value + sigma * noise[i]) };
}

function rankOf(each: Matrix): number {
  const [shorter, longer] = each.rows < each.columns ? [each.rows, each.columns] : [each.columns, each.rows];
  const gram = multiplyMatrices(each, each, each.rows < each.columns ? 'right' : 'left');
  return estimateRank(symmetricEigen(gram).values.subarray(0, shorter), longer);
}

/** A kernel [rows, columns, taps] of ranks `inner` under noise. */
function plantedKernel(rows: number, columns: number, taps: number, inner: [number, number], sigma: number) {
  const shape = { rows, columns, taps };
  const low = reconstructKernel(shape, {
    ranks: { rows: inner[0], columns: inner[1] },
    rowFactor: Float32Array.from(normals(rows * inner[0], 1)),
    columnFactor: Float32Array.from(normals(columns * inner[1], 2)),
    core: Float32Array.from(normals(inner[0] * inner[1] * taps, 3)),
    error: 0,
  });
  const noise = normals(low.data.length, 4);
  return { shape, data: low.data.map((value, i) => value + sigma * noise[i]) };
}

describe('rank under noise', () => {
  it('is the rank that was planted, whatever the shape, the scale and the noise', () => {
    const check = (
      rows: number,
      columns: number,
      part: number,
      sigma: number,
      scale: number,
      seed: number,
    ) => {
      const rank = Math.floor(part * Math.min(rows, columns));
      const noisy = planted(rows, columns, rank, sigma, seed);
      expect(rankOf({ ...noisy, data: noisy.data.map((value) => value * scale) })).toBe(rank);
    };
    const size = fc.integer({ min: 20, max: 50 });
    const part = fc.double({ min: 0, max: 0.3, noNaN: true });
    const sigma = fc.double({ min: 0.05, max: 0.8, noNaN: true });
    const scale = fc.constantFrom(1e-3, 1, 1e3);
    fc.assert(fc.property(size, size, part, sigma, scale, fc.nat(1000), check), { seed: 1, numRuns: 60 });
  });

  it('is exact without noise, and none for noise or nothing', () => {
    expect(rankOf(planted(20, 30, 4, 0, 1))).toBe(4);
    expect(rankOf(matrix(30, 40, 5))).toBe(0);
    expect(estimateRank(new Float64Array(5), 9)).toBe(0);
  });

  // Squared singular values of 6 × 40 matrices; ranks by scipy's bounded minimisation of the published free energy.
  it.each([
    [[220, 105, 61, 44, 37, 25], 1],
    [[400, 150, 61, 44, 37, 25], 2],
    [[400, 250, 90, 44, 37, 25], 2],
    [[300, 160, 90, 60, 50, 40], 1],
  ])('is as an independent solver has it where signal and noise meet: %j', (squares, rank) => {
    expect(estimateRank(Float64Array.from(squares), 40)).toBe(rank);
  });
});

describe('ranks of a kernel under noise', () => {
  it('are those that were planted on each axis', async () => {
    expect(await estimateKernelRanks(plantedKernel(32, 24, 27, [9, 5], 0.5))).toEqual({
      rows: 9,
      columns: 5,
    });
    // More rows than the other two axes together: the longer side of the unfolding is the rows.
    expect(await estimateKernelRanks(plantedKernel(40, 2, 8, [3, 1], 0.1))).toEqual({ rows: 3, columns: 1 });
  });

  it('rule the layers of a model', async () => {
    const planted = plantedKernel(32, 24, 27, [9, 12], 0.5);
    const weight = { ...randomTensor('w', [32, 24, 3, 3, 3], 1) };
    const rawData = new Uint8Array(planted.data.buffer);
    const model = network([makeNode('Conv', ['x', 'w'], ['y'])], [{ ...weight, rawData }], 24);
    const inputShapes = { x: [1, 24, 8, 8, 8] };
    const rule = await ranksByNoise(model, { inputShapes });
    const low = await ranksByNoise(model, { inputShapes, rankMin: 10 });
    const [variant, wider] = await compressModel(model, [{ ranks: rule }, { ranks: low }], { inputShapes });
    expect(variant.layers[0].ranks).toEqual({ in: 12, out: 9 });
    expect(wider.layers[0].ranks).toEqual({ in: 12, out: 10 });
  });
});
