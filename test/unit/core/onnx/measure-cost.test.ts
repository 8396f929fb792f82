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
import { dataType } from '../../../../main/core/onnx/proto.ts';
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

describe('memory of a network', () => {
  const size = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
  const zeros = (name: string, dims: number[]) => makeFloatTensor(name, dims, new Float32Array(size(dims)));

  /** x 128 bytes; a, b 192 each; c 64; d 256; the skip from b to d keeps it alive. */
  const model = makeModel({
    name: 'skip',
    nodes: [
      makeNode('Conv', ['x', 'w1', 'b1'], ['a']),
      makeNode('Relu', ['a'], ['b']),
      makeNode('Conv', ['b', 'w2'], ['c']),
      makeNode('Concat', ['b', 'c'], ['d'], { axis: 1 }),
      makeNode('Flatten', ['d'], ['y']),
    ],
    initializers: [zeros('w1', [3, 2, 1, 1]), zeros('b1', [3]), zeros('w2', [1, 3, 1, 1])],
    inputs: [makeValueInfo('x', [1, 2, 'H', 'W'])],
    outputs: [makeValueInfo('y', [1, 64])],
  });

  it('counts bytes by hand-worked figures', () => {
    const cost = measureCost(model, { x: [1, 2, 4, 4] });
    expect(cost.nodes.map((node) => [node.bytesRead, node.bytesWritten])).toEqual([
      [128 + 24 + 12, 192],
      [192, 192],
      [192 + 12, 64],
      [192 + 64, 256],
      [0, 0],
    ]);
    expect(cost.bytesRead).toBe(816);
    expect(cost.bytesWritten).toBe(704);
  });

  it('follows which activations are needed, writing in place where it can', () => {
    const cost = measureCost(model, { x: [1, 2, 4, 4] });
    // The ReLU takes over its input; the flattened output is its input.
    expect(cost.nodes.map((node) => node.liveBytes)).toEqual([320, 320, 384, 640, 384]);
    expect(cost.peakBytes).toBe(640);
    expect(cost.peakNode).toBe(model.graph.nodes[3]);
  });

  it('writes nothing in place that is needed later', () => {
    const nodes = [
      makeNode('Relu', ['x'], ['a']),
      makeNode('Sigmoid', ['a'], ['b']),
      makeNode('Mul', ['a', 'b'], ['y']),
    ];
    const io = { inputs: [makeValueInfo('x', [8])], outputs: [makeValueInfo('y', [8])] };
    const { nodes: costs } = measureCost(makeModel({ name: 'swish', nodes, initializers: [], ...io }), {
      x: [8],
    });
    // Not into x, which is the caller's; not into a, which Mul reads; then into either.
    expect(costs.map((node) => node.liveBytes)).toEqual([64, 96, 96]);
  });

  it('counts float16, whole numbers and truth values by their size', () => {
    const half = { ...makeValueInfo('x', [8]), type: { tensorType: { elemType: dataType.float16 } } };
    const { nodes } = measureCost(
      makeModel({
        name: 'types',
        nodes: [
          makeNode('Relu', ['x'], ['a']),
          makeNode('Cast', ['a'], ['b'], { to: dataType.float }),
          makeNode('Greater', ['b', 'b'], ['c']),
          makeNode('Where', ['c', 'a', 'x'], ['d']),
          makeNode('ArgMax', ['d'], ['y'], { axis: 0 }),
        ],
        initializers: [],
        inputs: [half],
        outputs: [makeValueInfo('y', [1])],
      }),
      { x: [8] },
    );
    expect(nodes.map((node) => [node.bytesRead, node.bytesWritten])).toEqual([
      [16, 16],
      [16, 32],
      [32, 8],
      [8 + 16 + 16, 16],
      [16, 8],
    ]);
  });

  it('grows with the patch, and is at most that of all activations together', () => {
    const { model: unet } = planNetwork(totalSegmentator(6), 1, 25);
    const costs = [64, 96, 128].map((edge) => measureCost(unet, { image: [1, 1, edge, edge, edge] }));
    const voxels = 128 ** 3 * 4;
    const [small, , large] = costs;
    // At the last concatenation: two of 32 channels, the joined 64, and the image.
    expect(large.peakBytes).toBe((1 + 32 + 32 + 64) * voxels);
    expect(large.peakNode?.outputs[0]).toBe('decoder.concat.4');
    expect(large.peakBytes / small.peakBytes).toBe(8);
    expect(large.peakBytes).toBeLessThan(large.bytesWritten);
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
