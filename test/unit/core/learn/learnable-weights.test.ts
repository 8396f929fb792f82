import { expect, test } from 'vitest';
import { learnableWeights } from '../../../../main/core/learn/train/learnable-weights.ts';
import {
  makeFloatTensor,
  makeInt64Tensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';

test('kernels and biases are learnt, but no scalars, whole numbers or scales of a Resize', () => {
  const floats = (name: string, ...dims: number[]) =>
    makeFloatTensor(name, dims, new Float32Array(dims.reduce((product, size) => product * size, 1)).fill(2));
  const network = makeModel({
    name: 'net',
    nodes: [
      makeNode('Conv', ['x', 'kernel', 'bias'], ['wide']),
      makeNode('Mul', ['wide', 'factor'], ['scaled']),
      makeNode('Resize', ['scaled', '', 'scales'], ['large']),
      makeNode('Reshape', ['large', 'shape'], ['y']),
    ],
    initializers: [
      floats('kernel', 4, 1, 3, 3, 3),
      floats('bias', 4),
      floats('factor'),
      floats('scales', 5),
      makeInt64Tensor('shape', [1], [-1]),
    ],
    inputs: [makeValueInfo('x', [1, 1, 4, 4, 4])],
    outputs: [makeValueInfo('y', ['n'])],
  });
  expect([...learnableWeights(network).keys()]).toEqual(['kernel', 'bias']);
});
