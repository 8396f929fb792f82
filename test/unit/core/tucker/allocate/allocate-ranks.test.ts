import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../../../../main/core/onnx/measure-cost.ts';
import {
  allocateRanks,
  rankGrid,
  type Allocation,
} from '../../../../../main/core/tucker/allocate/allocate-ranks.ts';
import { allocateWithin } from '../../../../../main/core/tucker/allocate/allocate-within.ts';
import { BudgetError } from '../../../../../main/core/tucker/allocate/budget.ts';
import {
  decomposeWhereCostFalls,
  macCosts,
  type CostModel,
} from '../../../../../main/core/tucker/allocate/cost-model.ts';
import { peakMemory } from '../../../../../main/core/tucker/allocate/network-of-shapes.ts';
import {
  truncationErrors,
  truncationLosses,
} from '../../../../../main/core/tucker/allocate/truncation-losses.ts';
import { ranksByFactor } from '../../../../../main/core/tucker/choose-ranks.ts';
import { compressModel } from '../../../../../main/core/tucker/compress-model.ts';
import { decomposeKernel } from '../../../../../main/core/tucker/decompose-kernel.ts';
import { findLayers } from '../../../../../main/core/tucker/find-layers.ts';
import type { Layer } from '../../../../../main/core/tucker/layer.ts';
import { costAfter } from '../../../../../main/core/tucker/layer-cost.ts';
import { planLayer } from '../../../../../main/core/tucker/plan-layer.ts';
import { network, randomTensor } from '../layer-networks.ts';
import { randomKernel } from '../random-kernel.ts';

/** One channel, a wide layer, a strided one, a transposed one and a 1×1×1: every kind of convolution. */
const model = network(
  [
    makeNode('Conv', ['x', 'w0', 'b'], ['a'], { pads: [1, 1, 1, 1, 1, 1] }),
    makeNode('Conv', ['a', 'w1'], ['c'], { pads: [1, 1, 1, 1, 1, 1] }),
    makeNode('Conv', ['c', 'w2'], ['d'], { pads: [1, 1, 1, 1, 1, 1], strides: [2, 2, 2] }),
    makeNode('ConvTranspose', ['d', 'w3'], ['e'], { strides: [2, 2, 2] }),
    makeNode('Conv', ['e', 'w4'], ['y']),
  ],
  [
    randomTensor('w0', [24, 1, 3, 3, 3], 1),
    randomTensor('b', [24], 6),
    randomTensor('w1', [24, 24, 3, 3, 3], 2),
    randomTensor('w2', [40, 24, 3, 3, 3], 3),
    randomTensor('w3', [40, 16, 2, 2, 2], 4),
    randomTensor('w4', [12, 16, 1, 1, 1], 5),
  ],
  1,
);
const inputShapes = { x: [1, 1, 8, 8, 8] };
const layers = findLayers(model, inputShapes);
const suitable = layers.flatMap((layer) => ('reason' in layer ? [] : [layer]));
const full = measureCost(model, inputShapes).macs;
const options = { losses: await truncationLosses(layers), costs: macCosts, rankMin: 1 };

describe('allocating ranks', () => {
  it('meets the budget, as the compressed network itself says', async () => {
    for (const share of [0.25, 0.4, 0.6, 0.9]) {
      const allocation = allocateRanks(layers, share * full, options);
      const [variant] = await compressModel(model, [allocation], { inputShapes });
      const { macs } = measureCost(variant.model, inputShapes);
      expect(macs).toBe(allocation.cost);
      expect(macs).toBeLessThanOrEqual(share * full);
      // Nearly all of it is used: rounding takes 1/65536 of the whole, and the grid of ranks is coarse.
      expect(macs).toBeGreaterThan(0.95 * share * full);
      expect(variant.layers.map(({ ranks }) => ranks)).toEqual(allocation.layers.map(({ ranks }) => ranks));
    }
  });

  it('loses nothing where the budget is the whole network, and never more for more', () => {
    const whole = allocateRanks(layers, full, options);
    expect([whole.loss, whole.cost]).toEqual([0, full]);
    expect(whole.layers.every(({ ranks }) => ranks === null)).toBe(true);
    const check = (a: number, b: number) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const losses = [low, high].map((share) => allocateRanks(layers, share * full, options).loss);
      expect(losses[1]).toBeLessThanOrEqual(losses[0]);
    };
    const share = fc.double({ min: 0.2, max: 1, noNaN: true });
    fc.assert(fc.property(share, share, check), { seed: 1, numRuns: 20 });
  });

  it('loses less than one factor for all layers does with as many operations', async () => {
    const recipe = { ranks: ranksByFactor(0.4, 1) };
    const [uniform] = await compressModel(model, [recipe], { inputShapes });
    const { macs } = measureCost(uniform.model, inputShapes);
    const allocation = allocateRanks(layers, macs, options);
    const [allocated] = await compressModel(model, [allocation], { inputShapes });
    const lost = ({ layers: reports }: typeof uniform) =>
      reports.reduce((sum, { error }) => sum - Math.log(1 - error ** 2), 0);
    expect(lost(allocated)).toBeLessThan(lost(uniform));
    // HOOI keeps a little more than both truncations one after the other, on weights without structure.
    expect(allocation.loss / lost(allocated)).toBeGreaterThan(0.9);
    expect(allocation.loss / lost(allocated)).toBeLessThan(1.3);
  });

  it('keeps layers of one channel, and ranks within the channels', () => {
    const { layers: allocated } = allocateRanks(layers, 0.25 * full, options);
    expect(allocated[0].ranks).toBeNull();
    for (const { layer, ranks } of allocated.slice(1)) {
      expect(ranks?.in ?? 1).toBeLessThanOrEqual(layer.channels.in);
      expect(ranks?.out ?? 1).toBeLessThanOrEqual(layer.channels.out);
    }
    for (const layer of suitable)
      for (const { in: rankIn, out: rankOut } of rankGrid(layer, 1)) {
        expect(Math.min(rankIn, rankOut)).toBeGreaterThanOrEqual(1);
        expect(rankIn).toBeLessThanOrEqual(layer.channels.in);
        expect(rankOut).toBeLessThanOrEqual(layer.channels.out);
      }
    expect(rankGrid(suitable[4], 1)).toEqual(
      Array.from({ length: 12 }, (_, i) => ({ in: i + 1, out: i + 1 })),
    );
  });

  it('keeps the paper’s least rank unless told otherwise', () => {
    const { layers: allocated } = allocateRanks(layers, 0.4 * full, { ...options, rankMin: undefined });
    for (const { ranks } of allocated)
      if (ranks !== null) expect(Math.min(ranks.in, ranks.out)).toBeGreaterThanOrEqual(8);
    const grid = rankGrid(suitable[2], 8).map(({ in: rankIn, out: rankOut }) => [rankIn, rankOut]);
    expect(grid[0]).toEqual([8, 9]);
    expect(grid.at(-1)).toEqual([24, 40]);
    expect(rankGrid(suitable[4], 30)).toEqual([{ in: 12, out: 12 }]);
  });

  it('is the same every time, and fits another fold of the same network', () => {
    const allocation = allocateRanks(layers, 0.4 * full, options);
    const again = allocateRanks(findLayers(model, inputShapes), 0.4 * full, {
      ...options,
      losses: (layer, ranks) =>
        options.losses(
          suitable.find(({ name }) => name === layer.name)!,
          ranks,
        ),
    });
    expect(again.layers.map(({ ranks }) => ranks)).toEqual(allocation.layers.map(({ ranks }) => ranks));
    const plans = findLayers(model, inputShapes).map((layer) => planLayer(layer as Layer, allocation));
    plans.forEach(({ ranks, objection }, i) => {
      const wanted = allocation.layers[i].ranks;
      if (wanted === null) expect(objection).toBe('the budget keeps it whole');
      else expect(ranks).toEqual(wanted);
    });
  });

  it('follows losses that a caller measured', () => {
    // As if nothing but the transposed convolution mattered.
    const losses = ({ kind, channels }: Layer, ranks: { in: number; out: number }) =>
      kind === 'ConvTranspose' ? 2 - ranks.in / channels.in - ranks.out / channels.out : 0;
    const { layers: allocated } = allocateRanks(layers, 0.4 * full, { ...options, losses });
    expect(allocated[3].ranks).toBeNull();
    // A loss that is not known keeps a layer whole.
    const unknown = allocateRanks(layers, 0.6 * full, {
      ...options,
      losses: (layer, ranks) => (layer === suitable[2] ? null : options.losses(layer, ranks)),
    });
    expect(unknown.layers[2].ranks).toBeNull();
  });

  it('counts what no rank changes', () => {
    const limit = 0.5 * full;
    const allocation = allocateRanks(layers, limit + 1e6, { ...options, fixedCost: 1e6 });
    expect(allocation.cost - 1e6).toBe(allocateRanks(layers, limit, options).cost);
  });

  it('says what the least is where the budget cannot be met, or costs are not known', () => {
    expect(() => allocateRanks(layers, 0.01 * full, options)).toThrow(BudgetError);
    expect(() => allocateRanks(layers, 0.01 * full, options)).toThrow(
      /allows \d.*, and the smallest ranks take \d/,
    );
    const unknown: CostModel = () => null;
    expect(() => allocateRanks(layers, full, { ...options, costs: unknown })).toThrow(
      /cost of the layer "a"/,
    );
  });
});

describe('losses by truncation', () => {
  it('bound the error of HOOI, and are exact for one axis', async () => {
    const kernel = randomKernel(12, 9, 8, 5);
    const errors = await truncationErrors(kernel);
    for (const [rows, columns] of [
      [12, 4],
      [5, 9],
      [6, 5],
      [1, 1],
    ]) {
      const [{ error }] = await decomposeKernel(kernel, [{ rows, columns }]);
      // De Lathauwer, De Moor, Vandewalle, SIAM J. Matrix Anal. Appl. 21(4), 2000, property 10.
      const bound = errors.rows[rows] + errors.columns[columns];
      expect(error ** 2).toBeLessThanOrEqual(bound + 1e-9);
      expect(error ** 2).toBeGreaterThanOrEqual(Math.max(errors.rows[rows], errors.columns[columns]) - 1e-9);
      if (rows === 12 || columns === 9) expect(error ** 2).toBeCloseTo(bound, 8);
    }
    expect([errors.rows[0], errors.rows[12], errors.columns[0], errors.columns[9]]).toEqual([1, 0, 1, 0]);
  });

  it('of a kernel of zeros are none', async () => {
    const shape = { rows: 3, columns: 4, taps: 2 };
    const errors = await truncationErrors({ shape, data: new Float32Array(24) });
    expect([...errors.rows, ...errors.columns].every((value) => value === 0)).toBe(true);
  });
});

describe('costs in multiply-accumulates', () => {
  it('are those of the layers, before and after', () => {
    for (const layer of suitable) {
      expect(macCosts(layer, null)).toBe(layer.cost.macs);
      for (const ranks of rankGrid(layer, 1)) {
        const form = layer.shape.taps === 1 ? 'two' : 'three';
        expect(macCosts(layer, ranks)).toBe(costAfter(layer, ranks, form).macs);
      }
    }
    expect(macCosts({ ...suitable[1], positions: null }, null)).toBeNull();
  });
});

describe('deciding by cost', () => {
  const decide = decomposeWhereCostFalls((_, ranks) => (ranks === null ? 10 : ranks.in));
  const reasons = (rank: number) =>
    suitable.map((layer) => planLayer(layer, { ranks: () => ({ in: rank, out: rank }), decide }).objection);

  it('decomposes where it falls, at the ranks that are asked for', () => {
    expect(reasons(9)).toEqual(['it has one channel', null, null, null, null]);
    expect(reasons(10).slice(1)).toEqual(Array(4).fill('it would cost no less'));
    const unknown = decomposeWhereCostFalls(() => null);
    const plan = planLayer(suitable[1], { ranks: ranksByFactor(0.5), decide: unknown });
    expect(plan.objection).toBe('its cost is not known');
  });
});

describe('allocating within a measure of the whole network', () => {
  const allocate = (limit: number) => allocateRanks(layers, limit, options);
  const loss = (allocation: Allocation) => allocation.loss;

  it('finds the most faithful ranks whose peak memory fits', async () => {
    const peakOf = (allocation: Allocation) => peakMemory(model, allocation, inputShapes);
    const whole = await peakOf(allocate(full));
    expect(whole).toBe(measureCost(model, inputShapes).peakBytes);
    const allocation = await allocateWithin(allocate, full, peakOf, whole - 1);
    expect(await peakOf(allocation)).toBeLessThan(whole);
    expect(loss(await allocateWithin(allocate, full, peakOf, whole))).toBe(0);
    await expect(allocateWithin(allocate, full, peakOf, 1000)).rejects.toThrow(BudgetError);
  });

  it('comes near to the limit from below', async () => {
    const measure = async ({ cost }: Allocation) => 2 * cost;
    const allocation = await allocateWithin(allocate, full, measure, full);
    expect(2 * allocation.cost).toBeLessThanOrEqual(full);
    // The ranks of so small layers lie far apart.
    expect(2 * allocation.cost).toBeGreaterThan(0.9 * full);
  });
});
