import { describe, expect, it } from 'vitest';
import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import { splitHead } from '../../../../main/core/onnx/split-head.ts';
import { difference, runOnnx } from '../../../fixtures/run-onnx.ts';

const wave = (count: number, step: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));

/** Conv 1 → 4, then a head 4 → 3 with the given kernel and attributes. */
function network(
  kernel: number[],
  attributes: Record<string, number | number[]> = {},
  bias = true,
): OnnxModel {
  const count = kernel.reduce((a, b) => a * b, 12);
  return makeModel({
    name: 'two',
    nodes: [
      makeNode('Conv', ['x', 'w1'], ['f'], { pads: [1, 1, 1, 1, 1, 1] }),
      makeNode('Conv', bias ? ['f', 'w2', 'b2'] : ['f', 'w2'], ['y'], attributes),
    ],
    initializers: [
      makeFloatTensor('w1', [4, 1, 3, 3, 3], wave(108, 0.7)),
      makeFloatTensor('w2', [3, 4, ...kernel], wave(count, 0.3)),
      makeFloatTensor('b2', [3], Float32Array.of(0.1, -0.2, 0.3)),
    ],
    inputs: [makeValueInfo('x', [1, 1, 'D', 'H', 'W'])],
    outputs: [makeValueInfo('y', [1, 3, 'D', 'H', 'W'])],
  });
}

describe('splitHead', () => {
  it('gives a body and a matrix that together make the same logits', async () => {
    const full = network([1, 1, 1]);
    const head = splitHead(readOnnx(writeOnnx(full)))!;
    expect([head.classes, head.features]).toEqual([3, 4]);
    expect(head.body.graph.initializers.map(({ name }) => name)).toEqual(['w1']);
    expect(head.body.graph.outputs[0]?.type?.tensorType?.shape?.dims[1]?.value).toBe(4);
    const shape = [1, 1, 5, 6, 7];
    const input = wave(210, 0.37);
    const logits = await runOnnx(writeOnnx(full), input, shape);
    const features = await runOnnx(writeOnnx(head.body), input, shape);
    const ours = new Float32Array(logits.length);
    for (let k = 0; k < 3; k++) {
      for (let v = 0; v < 210; v++) {
        let sum = head.bias[k]!;
        for (let c = 0; c < 4; c++) sum += head.weight[k * 4 + c]! * features[c * 210 + v]!;
        ours[k * 210 + v] = sum;
      }
    }
    // float32 sums of four products in another order.
    expect(difference(ours, logits).maxAbs).toBeLessThan(1e-5);
  });

  it('takes a missing bias as zero', () => {
    expect([...splitHead(network([1, 1, 1], {}, false))!.bias]).toEqual([0, 0, 0]);
  });

  it.each<[string, OnnxModel]>([
    ['a head with a real kernel', network([3, 3, 3])],
    ['a stride', network([1, 1, 1], { strides: [2, 2, 2] })],
    ['padding', network([1, 1, 1], { pads: [1, 1, 1, 1, 1, 1] })],
    [
      'an activation at the end',
      (() => {
        const model = network([1, 1, 1]);
        const nodes = [...model.graph.nodes, makeNode('Softmax', ['y'], ['p'], { axis: 1 })];
        const outputs = [makeValueInfo('p', [1, 3, 'D', 'H', 'W'])];
        return { ...model, graph: { ...model.graph, nodes, outputs } };
      })(),
    ],
    [
      'a second output',
      (() => {
        const model = network([1, 1, 1]);
        return {
          ...model,
          graph: { ...model.graph, outputs: [...model.graph.outputs, makeValueInfo('f', [])] },
        };
      })(),
    ],
  ])('leaves %s alone', (_, model) => {
    expect(splitHead(model)).toBeNull();
  });
});
