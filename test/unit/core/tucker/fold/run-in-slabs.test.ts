import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../../main/core/onnx/build-graph.ts';
import type { OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import { runInSlabs } from '../../../../../main/core/tucker/fold/run-in-slabs.ts';
import { fires, graph, run, type Pass } from './run-pass.ts';
import { operators } from './small-unet.ts';

describe('run-in-slabs', () => {
  const pass =
    (bytes: number): Pass =>
    (view) =>
      runInSlabs(view, bytes);
  const chain = [
    makeNode('Conv', ['x', 'u', 'b'], ['e']),
    makeNode('LeakyRelu', ['e'], ['a'], { alpha: { float: 0.1 } }),
    makeNode('Conv', ['a', 'p'], ['y']),
  ];
  const weights = { u: [16, 3, 1, 1, 1], b: [16], p: [4, 16, 1, 1, 1] };

  it('cuts a chain into slabs of unequal thickness, down to one plane', async () => {
    const shape = [1, 3, 7, 8, 9];
    const planeBytes = 4 * 16 * 8 * 9;
    const slabs = (model: OnnxModel) => operators(model).filter((name) => name === 'LeakyRelu').length;
    expect(slabs(await run(pass(3 * planeBytes), graph(chain, weights, 3), shape))).toBe(3);
    expect(slabs(await run(pass(1), graph(chain, weights, 3), shape))).toBe(7);
    expect(fires(pass(7 * planeBytes), graph(chain, weights, 3), shape)).toBe(false);
  });

  it('does two axes, and a sum of two chains', async () => {
    const flat = { u: [16, 3, 1, 1], b: [16], p: [4, 16, 1, 1], q: [4, 3, 1, 1] };
    const nodes = [
      ...chain.slice(0, 2),
      makeNode('Conv', ['a', 'p'], ['s']),
      makeNode('Conv', ['x', 'q'], ['t']),
      makeNode('Add', ['s', 't'], ['y']),
    ];
    const left = await run(pass(4000), graph(nodes, flat, 3, 2), [1, 3, 20, 30]);
    expect(operators(left).at(-1)).toBe('Concat');
  });

  it('expands anew for every user of a wide value, and leaves one that must exist as a whole', async () => {
    const nodes = [
      ...chain.slice(0, 2),
      makeNode('Conv', ['a', 'p'], ['s']),
      makeNode('Conv', ['a', 'q'], ['t']),
      makeNode('MaxPool', ['s'], ['v'], { kernel_shape: [3, 3, 3] }),
      makeNode('MaxPool', ['t'], ['w'], { kernel_shape: [3, 3, 3] }),
      makeNode('Concat', ['v', 'w'], ['y'], { axis: 1 }),
    ];
    const both = { ...weights, q: [5, 16, 1, 1, 1] };
    const shape = [1, 3, 8, 8, 8];
    const left = await run(pass(2 ** 14), graph(nodes, both, 3), shape);
    // Two slabs for each of two users.
    expect(operators(left).filter((name) => name === 'LeakyRelu').length).toBe(4);
    expect(left.graph.nodes.some(({ outputs }) => outputs[0] === 'a')).toBe(false);
    const pooled = makeNode('MaxPool', ['a'], ['t'], { kernel_shape: [1, 1, 1] });
    expect(fires(pass(2 ** 10), graph(nodes.with(3, pooled), both, 3), shape)).toBe(false);
  });
});
