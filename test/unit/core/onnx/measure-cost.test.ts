import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planNetwork } from '../../../../main/core/nnunet/build-network.ts';
import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../../../main/core/onnx/measure-cost.ts';
import { totalSegmentator } from '../../../fixtures/paper-architectures.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

describe('cost of a network', () => {
  // The paper's printed totals (arXiv 2404.09683): parameters, and GFLOPs as fvcore counts them. Exact integers.
  it('is what the paper prints for TotalSegmentator 1.5 mm', () => {
    const { model } = planNetwork(totalSegmentator(6), 1, 25);
    const cost = measureCost(model, { image: [1, 1, 128, 128, 128] });
    expect(cost.parameters).toBe(31_194_809);
    expect(cost.macs).toBe(478_775_083_008);
    expect(cost.paperOps).toBe(480_561_143_808);
  });

  it('is what the paper prints for TotalSegmentator 3 mm', () => {
    const { model } = planNetwork(totalSegmentator(5), 1, 118);
    const cost = measureCost(model, { image: [1, 1, 112, 112, 128] });
    expect(cost.parameters).toBe(16_550_518);
    expect(cost.macs).toBe(367_778_037_760);
    expect(cost.paperOps).toBe(369_144_079_360);
  });

  it('counts groups, strides, transposed and matrix products by hand-worked figures', () => {
    const zeros = (name: string, dims: number[]) =>
      makeFloatTensor(name, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));
    const model = makeModel({
      name: 'mixed',
      nodes: [
        makeNode('Conv', ['x', 'w1'], ['a'], { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] }),
        makeNode('ConvTranspose', ['a', 'w2'], ['b'], { strides: [2, 2] }),
        makeNode('Flatten', ['b'], ['c']),
        makeNode('Gemm', ['c', 'w3'], ['d']),
        makeNode('Gemm', ['d', 'w4'], ['e'], { transB: 1 }),
      ],
      initializers: [
        zeros('w1', [4, 1, 3, 3]),
        zeros('w2', [4, 3, 2, 2]),
        zeros('w3', [192, 5]),
        zeros('w4', [7, 5]),
      ],
      inputs: [makeValueInfo('x', [1, 2, 8, 8])],
      outputs: [makeValueInfo('e', [1, 7])],
    });
    const { nodes, parameters } = measureCost(model, { x: [1, 2, 8, 8] });
    // 4×4×4 outputs × 1×3×3; 4×4×4 inputs × 3×2×2; 192×5; 5×7.
    expect(nodes.map(({ macs }) => macs)).toEqual([576, 768, 0, 960, 35]);
    expect(parameters).toBe(36 + 48 + 960 + 35);
  });
});

describeShared('cost of the golden architectures', () => {
  it('agrees layer by layer with the reference', () => {
    const path = join(sharedData, 'golden/tucker/architectures.json');
    const { architectures } = JSON.parse(readFileSync(path, 'utf8'));
    for (const [name, stages] of [
      ['1.5mm', 6],
      ['3mm', 5],
    ] as const) {
      const { patch_size, num_classes, rows } = architectures[name];
      const { model } = planNetwork(totalSegmentator(stages), 1, num_classes);
      const { nodes } = measureCost(model, { image: [1, 1, ...patch_size] });
      const ours = nodes.filter(({ macs }) => macs > 0).map(({ macs }) => macs);
      const theirs = rows[0].layers.map(({ macs }: { macs: number }) => macs);
      expect(ours.toSorted((a, b) => a - b)).toEqual(theirs.toSorted((a: number, b: number) => a - b));
    }
  });
});
