import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planNetwork } from '../../../../main/core/nnunet/build-network.ts';
import { makeFloatTensor } from '../../../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../../../main/core/onnx/measure-cost.ts';
import type { OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import { ranksByFactor } from '../../../../main/core/tucker/choose-ranks.ts';
import type { Decompose, LayerReport } from '../../../../main/core/tucker/compress-layer.ts';
import { compressModel } from '../../../../main/core/tucker/compress-model.ts';
import { decomposeWhereMacsFall } from '../../../../main/core/tucker/decide-layers.ts';
import { totalSegmentator } from '../../../fixtures/paper-architectures.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

const factors = [0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];

// What is counted are shapes: all weights may be the same zeros.
const zeros = new Float32Array(320 * 640 * 27);

function networkOf(stages: number, classes: number): OnnxModel {
  const { model, weights, constants } = planNetwork(totalSegmentator(stages), 1, classes);
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const tensors = weights.map(({ name, shape }) =>
    makeFloatTensor(name, shape, zeros.subarray(0, size(shape))),
  );
  return { ...model, graph: { ...model.graph, initializers: [...tensors, ...constants] } };
}

/** Factors of the right shapes. */
const shapesOnly: Decompose = async ({ shape }, ranks) =>
  ranks.map((each) => ({
    ranks: each,
    rowFactor: zeros.subarray(0, shape.rows * each.rows),
    columnFactor: zeros.subarray(0, shape.columns * each.columns),
    core: zeros.subarray(0, each.rows * each.columns * shape.taps),
    error: 0,
  }));

const sum = (layers: readonly LayerReport[], value: (layer: LayerReport) => number | null) =>
  layers.reduce((total, layer) => total + (value(layer) ?? NaN), 0);

async function ladder(stages: number, classes: number, patch: readonly number[]) {
  const model = networkOf(stages, classes);
  const inputShapes = { image: [1, 1, ...patch] };
  const recipes = factors.map((factor) => ({ ranks: ranksByFactor(factor), paperForm: true }));
  const variants = await compressModel(model, recipes, { inputShapes, decompose: shapesOnly });
  return variants.map((variant) => ({ ...variant, cost: measureCost(variant.model, inputShapes) }));
}

describe("the paper's tables", () => {
  // arXiv 2404.09683: millions of parameters, and GFLOPs as fvcore counts them; as printed.
  it('are met for 1.5 mm at every factor', async () => {
    const table = [
      ['27.925', '444.0'],
      ['17.358', '281.5'],
      ['9.245', '149.2'],
      ['6.183', '103.1'],
      ['3.699', '65.0'],
      ['1.854', '37.8'],
      ['0.628', '25.7'],
      ['0.258', '24.0'],
    ];
    const variants = await ladder(6, 25, [128, 128, 128]);
    const printed = variants.map(({ cost }) => [
      (cost.parameters / 1e6).toFixed(3),
      (cost.paperOps / 1e9).toFixed(1),
    ]);
    expect(printed).toEqual(table);
  });

  it('agree between the reports of the layers and the graph', async () => {
    const [first, , , , , , , last] = await ladder(6, 25, [128, 128, 128]);
    for (const { layers, cost } of [first, last]) {
      expect(sum(layers, (layer) => layer.after.macs)).toBe(cost.macs);
      expect(sum(layers, (layer) => layer.before.macs)).toBe(478_775_083_008);
      const rest = 31_194_809 - sum(layers, (layer) => layer.before.parameters);
      expect(sum(layers, (layer) => layer.after.parameters) + rest).toBe(cost.parameters);
    }
  });

  it('hide layers that get dearer, which our rule leaves alone', async () => {
    const inputShapes = { image: [1, 1, 128, 128, 128] };
    const ours = await compressModel(
      networkOf(6, 25),
      factors.map((factor) => ({ ranks: ranksByFactor(factor), decide: decomposeWhereMacsFall })),
      { inputShapes, decompose: shapesOnly },
    );
    const papers = await ladder(6, 25, [128, 128, 128]);
    expect(papers[0].layers.some(({ before, after }) => after.macs! > before.macs!)).toBe(true);
    for (const { layers } of ours) {
      expect(layers[0].skippedReason).toBe('it has one channel');
      for (const { before, after, ranks } of layers)
        if (ranks === null) expect(after).toEqual(before);
        else expect(after.macs).toBeLessThan(before.macs!);
    }
    expect(sum(ours[0].layers, (layer) => layer.after.macs)).toBeLessThan(papers[0].cost.macs);
  });
});

describeShared('golden architectures', () => {
  it('have the parameters, MACs and layers of the reference, exactly', async () => {
    const path = join(sharedData, 'golden/tucker/architectures.json');
    const { architectures } = JSON.parse(readFileSync(path, 'utf8'));
    for (const [name, stages] of [
      ['1.5mm', 6],
      ['3mm', 5],
    ] as const) {
      const { patch_size, num_classes, rows } = architectures[name];
      const variants = await ladder(stages, num_classes, patch_size);
      const wanted = rows.filter((row: { rank_factor: unknown }) => row.rank_factor !== 'original');
      expect(wanted.map((row: { rank_factor: number }) => row.rank_factor)).toEqual(factors);
      variants.forEach(({ model, cost }, i) => {
        expect(cost.parameters).toBe(wanted[i].parameters);
        expect(cost.macs).toBe(wanted[i].conv_macs);
        expect(cost.paperOps).toBe(wanted[i].fvcore_total);
        expect(layersOf(model, cost)).toEqual(theirLayers(wanted[i].layers));
      });
    }
  });
});

/** Weight shape and MACs of every layer, sorted: the reference lists them in the order of its modules. */
function layersOf(model: OnnxModel, { nodes }: ReturnType<typeof measureCost>): string[] {
  const dims = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor.dims]));
  const layers = nodes.filter(({ node }) => (node.opType ?? '').startsWith('Conv'));
  return layers.map(({ node, macs }) => `${dims.get(node.inputs[1])?.join()} ${macs}`).sort();
}

function theirLayers(layers: { weight_shape: number[]; macs: number }[]): string[] {
  return layers.map(({ weight_shape, macs }) => `${weight_shape.join()} ${macs}`).sort();
}
