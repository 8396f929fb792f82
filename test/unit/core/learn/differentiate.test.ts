import { describe, expect, it, test } from 'vitest';
import { differentiate } from '../../../../main/core/learn/gradient/differentiate.ts';
import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { gradientError, ints, type GradientCase } from '../../../fixtures/check-gradient.ts';

const node = (
  opType: string,
  inputs: readonly string[],
  attributes: Parameters<typeof makeNode>[3] = {},
): GradientCase['nodes'] => [makeNode(opType, inputs, ['y'], attributes)];

/** Linear in each input: differences are exact but for float32's rounding of y. */
const linear: Readonly<Record<string, GradientCase>> = {
  'Conv 3D': {
    nodes: node('Conv', ['x', 'w', 'b'], { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] }),
    by: { x: [1, 3, 5, 6, 7], w: [4, 3, 3, 3, 3], b: [4] },
  },
  'Conv with a stride that leaves a rest, uneven padding, a batch': {
    nodes: node('Conv', ['x', 'w'], {
      kernel_shape: [3, 2, 3],
      strides: [2, 3, 2],
      pads: [1, 0, 0, 1, 1, 0],
    }),
    by: { x: [2, 2, 6, 8, 8], w: [3, 2, 3, 2, 3] },
  },
  'Conv dilated': {
    nodes: node('Conv', ['x', 'w', 'b'], {
      kernel_shape: [3, 3, 3],
      dilations: [2, 1, 2],
      strides: [1, 2, 1],
      pads: [2, 1, 2, 2, 1, 2],
    }),
    by: { x: [1, 2, 6, 7, 6], w: [3, 2, 3, 3, 3], b: [3] },
  },
  'Conv dilated without stride, more channels than outputs and the other way round': {
    nodes: [
      makeNode('Conv', ['x', 'w'], ['wide'], {
        kernel_shape: [3, 3, 3],
        dilations: [2, 1, 3],
        pads: [2, 1, 3, 2, 0, 3],
      }),
      makeNode('Conv', ['wide', 'v'], ['y'], {
        kernel_shape: [3, 2, 3],
        dilations: [1, 3, 2],
        pads: [0, 3, 2, 1, 0, 1],
      }),
    ],
    by: { x: [2, 2, 7, 8, 6], w: [9, 2, 3, 3, 3], v: [1, 9, 3, 2, 3] },
  },
  'Conv dilated, fewer outputs than inputs': {
    nodes: node('Conv', ['x', 'w'], { kernel_shape: [3, 2], dilations: [2, 3], pads: [2, 1, 2, 2] }),
    by: { x: [1, 4, 7, 6], w: [2, 4, 3, 2] },
  },
  'Conv with a stride longer than its kernel': {
    nodes: node('Conv', ['x', 'w'], { kernel_shape: [1, 1, 2], strides: [2, 2, 3] }),
    by: { x: [1, 2, 5, 6, 8], w: [3, 2, 1, 1, 2] },
  },
  'Conv padded by more than its kernel reaches': {
    nodes: node('Conv', ['x', 'w'], { kernel_shape: [2, 2], pads: [2, 1, 1, 2] }),
    by: { x: [1, 2, 5, 6], w: [3, 2, 2, 2] },
  },
  'Conv with stride and dilation': {
    nodes: node('Conv', ['x', 'w'], {
      kernel_shape: [2, 3],
      strides: [2, 2],
      dilations: [2, 1],
      pads: [1, 1, 1, 1],
    }),
    by: { x: [1, 2, 7, 8], w: [3, 2, 2, 3] },
  },
  'Conv 2D in groups': {
    nodes: node('Conv', ['x', 'w'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: 2 }),
    by: { x: [2, 4, 6, 5], w: [6, 2, 3, 3] },
  },
  'Conv 1×1×1': {
    nodes: node('Conv', ['x', 'w', 'b']),
    by: { x: [1, 3, 4, 4, 4], w: [5, 3, 1, 1, 1], b: [5] },
  },
  'ConvTranspose, kernel = stride': {
    nodes: node('ConvTranspose', ['x', 'w', 'b'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    by: { x: [1, 3, 3, 4, 3], w: [3, 2, 2, 2, 2], b: [2] },
  },
  'ConvTranspose that overlaps and is cut': {
    nodes: node('ConvTranspose', ['x', 'w'], {
      kernel_shape: [3, 3, 3],
      strides: [2, 1, 2],
      pads: [1, 1, 1, 1, 1, 0],
    }),
    by: { x: [2, 2, 3, 4, 3], w: [2, 3, 3, 3, 3] },
  },
  Gemm: { nodes: node('Gemm', ['x', 'w', 'b'], { transB: 1 }), by: { x: [4, 5], w: [3, 5], b: [3] } },
  'Gemm and a whole matrix': {
    nodes: node('Gemm', ['x', 'w', 'b']),
    by: { x: [4, 5], w: [5, 3], b: [4, 3] },
  },
  'Gemm and a column': { nodes: node('Gemm', ['x', 'w', 'b']), by: { x: [3, 5], w: [5, 3], b: [3, 1] } },
  'Gemm transposed': { nodes: node('Gemm', ['x', 'w'], { transA: 1 }), by: { x: [5, 4], w: [5, 3] } },
  MatMul: { nodes: node('MatMul', ['x', 'w']), by: { x: [2, 3, 4, 5], w: [5, 6] } },
  'MatMul of batches': { nodes: node('MatMul', ['x', 'w']), by: { x: [2, 1, 4, 5], w: [1, 3, 5, 2] } },
  'Add with broadcasting': { nodes: node('Add', ['x', 'w']), by: { x: [2, 3, 4], w: [3, 1] } },
  Sub: { nodes: node('Sub', ['x', 'w']), by: { x: [3, 1], w: [2, 3, 4] } },
  'Mul with broadcasting': { nodes: node('Mul', ['x', 'w']), by: { x: [1, 3, 4, 2], w: [1, 3, 1, 1] } },
  'a value that is used twice': {
    nodes: [makeNode('Add', ['x', 'x'], ['twice']), makeNode('Mul', ['twice', 'w'], ['y'])],
    by: { x: [7], w: [7] },
  },
  Concat: { nodes: node('Concat', ['x', 'w'], { axis: 1 }), by: { x: [1, 2, 3, 3], w: [1, 3, 3, 3] } },
  Slice: {
    nodes: node('Slice', ['x', 'from', 'to', 'axes']),
    by: { x: [2, 6, 5] },
    constants: [ints('from', [1, -4]), ints('to', [5, 100]), ints('axes', [1, 2])],
  },
  Pad: {
    nodes: node('Pad', ['x', 'pads']),
    by: { x: [2, 3, 4] },
    constants: [ints('pads', [0, 1, 2, 1, 0, 3])],
  },
  'Resize nearest': {
    nodes: node('Resize', ['x', '', 'scales'], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
    by: { x: [1, 2, 3, 4, 3] },
    constants: [makeFloatTensor('scales', [5], Float32Array.of(1, 1, 2, 2, 2))],
  },
  'Resize linear': {
    nodes: node('Resize', ['x', '', '', 'sizes'], {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    }),
    by: { x: [1, 1, 4, 6, 3] },
    constants: [ints('sizes', [1, 1, 8, 4, 3])],
  },
  'Resize linear, corners aligned': {
    nodes: node('Resize', ['x', '', '', 'sizes'], {
      mode: 'linear',
      coordinate_transformation_mode: 'align_corners',
    }),
    by: { x: [1, 1, 5, 4] },
    constants: [ints('sizes', [1, 1, 8, 9])],
  },
  AveragePool: {
    nodes: node('AveragePool', ['x'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    by: { x: [1, 3, 4, 5, 6] },
  },
  GlobalAveragePool: { nodes: node('GlobalAveragePool', ['x']), by: { x: [2, 3, 4, 5] } },
  'Reshape and Transpose': {
    nodes: [
      makeNode('Reshape', ['x', 'shape'], ['flat']),
      makeNode('Transpose', ['flat'], ['y'], { perm: [2, 0, 1] }),
    ],
    by: { x: [2, 3, 4] },
    constants: [ints('shape', [3, 2, 4])],
  },
  Expand: { nodes: node('Expand', ['x', 'shape']), by: { x: [3, 1] }, constants: [ints('shape', [2, 3, 4])] },
  ReduceMean: { nodes: node('ReduceMean', ['x'], { axes: [2, 3], keepdims: 1 }), by: { x: [2, 3, 4, 5] } },
  ReduceSum: {
    nodes: node('ReduceSum', ['x', 'axes'], { keepdims: 0 }),
    by: { x: [2, 3, 4] },
    constants: [ints('axes', [-2])],
  },
  // No step changes which entry is the largest, nor which are above 0: linear there as well.
  MaxPool: {
    nodes: node('MaxPool', ['x'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    by: { x: [1, 2, 4, 4, 4] },
    apart: 0.3,
  },
  'MaxPool that overlaps': {
    nodes: node('MaxPool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    by: { x: [1, 2, 5, 6] },
    apart: 0.3,
  },
  Abs: { nodes: node('Abs', ['x']), by: { x: [40] }, apart: 0.3 },
  Relu: { nodes: node('Relu', ['x']), by: { x: [40] }, apart: 0.3 },
  LeakyRelu: { nodes: node('LeakyRelu', ['x'], { alpha: { float: 0.1 } }), by: { x: [40] }, apart: 0.3 },
};

/** Curved: the extrapolated differences keep an error of the step's fourth power beside the rounding. */
const curved: Readonly<Record<string, GradientCase>> = {
  InstanceNormalization: {
    nodes: node('InstanceNormalization', ['x', 'g', 'b'], { epsilon: { float: 1e-5 } }),
    by: { x: [2, 3, 4, 5, 3], g: [3], b: [3] },
  },
  Div: { nodes: node('Div', ['x', 'w']), by: { x: [2, 3], w: [3] }, between: [1, 2] },
  Elu: { nodes: node('Elu', ['x'], { alpha: { float: 0.7 } }), by: { x: [40] }, apart: 0.3 },
  'Elu with α = 1': { nodes: node('Elu', ['x']), by: { x: [40] }, apart: 0.3 },
  'InstanceNormalization of opset 18': {
    nodes: node('InstanceNormalization', ['x', 'g', 'b']),
    by: { x: [1, 2, 4, 5], g: [2], b: [2] },
    opset: 18,
  },
  'LogSoftmax of opset 18': {
    nodes: node('LogSoftmax', ['x'], { axis: 1 }),
    by: { x: [1, 3, 4] },
    opset: 18,
  },
  Gelu: { nodes: node('Gelu', ['x']), by: { x: [40] }, opset: 20 },
  Erf: { nodes: node('Erf', ['x']), by: { x: [40] } },
  Sigmoid: { nodes: node('Sigmoid', ['x']), by: { x: [40] } },
  Tanh: { nodes: node('Tanh', ['x']), by: { x: [40] } },
  Exp: { nodes: node('Exp', ['x']), by: { x: [40] } },
  Log: { nodes: node('Log', ['x']), by: { x: [40] }, between: [1, 2] },
  Sqrt: { nodes: node('Sqrt', ['x']), by: { x: [40] }, between: [1, 2] },
  Softmax: { nodes: node('Softmax', ['x'], { axis: 1 }), by: { x: [2, 5, 3, 4] } },
  LogSoftmax: { nodes: node('LogSoftmax', ['x'], { axis: 1 }), by: { x: [2, 5, 3, 4] } },
};

describe('the gradient of an operator', () => {
  it.each(Object.entries(linear))(
    '%s: as central differences, but for the rounding of float32',
    async (_, each) => {
      // The larger the step, the less rounding there is; where an order matters it must not change.
      const isOrdered = each.apart !== undefined;
      expect(await gradientError(each, isOrdered ? 1 / 16 : 1)).toBeLessThan(isOrdered ? 1e-5 : 2e-6);
    },
  );
  it.each(Object.entries(curved))(
    '%s: as central differences, 2e-5 (and the rest of the series)',
    async (_, each) => {
      expect(await gradientError(each)).toBeLessThan(2e-5);
    },
  );
});

test('a small U-Net: convolution, norm, stride, transposed convolution, skip, head', async () => {
  const conv = (from: string, w: string, to: string, stride = 1) =>
    makeNode('Conv', [from, w], [to], {
      kernel_shape: [3, 3, 3],
      pads: [1, 1, 1, 1, 1, 1],
      strides: [stride, stride, stride],
    });
  const error = await gradientError({
    nodes: [
      conv('x', 'w1', 'c1'),
      makeNode('InstanceNormalization', ['c1', 'g', 'b'], ['n1']),
      makeNode('Elu', ['n1'], ['a1']),
      conv('a1', 'w2', 'c2', 2),
      makeNode('ConvTranspose', ['c2', 'w3'], ['up'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
      makeNode('Concat', ['up', 'a1'], ['both'], { axis: 1 }),
      makeNode('Conv', ['both', 'w4'], ['logits']),
      makeNode('LogSoftmax', ['logits'], ['y'], { axis: 1 }),
    ],
    by: {
      x: [1, 2, 6, 4, 6],
      w1: [4, 2, 3, 3, 3],
      g: [4],
      b: [4],
      w2: [6, 4, 3, 3, 3],
      w3: [6, 4, 2, 2, 2],
      w4: [3, 8, 1, 1, 1],
    },
  });
  // Elu's second derivative jumps at 0, and some of the 576 values cross it.
  expect(error).toBeLessThan(1e-3);
});

describe('differentiate', () => {
  const graph = (opType: string) =>
    makeModel({
      name: 'g',
      nodes: [makeNode(opType, ['x', 'w'], ['y']), makeNode('ReduceSum', ['y'], ['loss'], { keepdims: 0 })],
      initializers: [
        makeFloatTensor('w', [3], Float32Array.of(1, 2, 3)),
        makeFloatTensor('unused', [2], new Float32Array(2)),
      ],
      inputs: [makeValueInfo('x', [3])],
      outputs: [makeValueInfo('y', [3])],
    });

  it('makes weights inputs and keeps other initialisers', () => {
    const { model, gradients } = differentiate(graph('Mul'), {
      loss: 'loss',
      by: ['w'],
      inputShapes: { x: [3] },
    });
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'w']);
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['loss', gradients.get('w')]);
    expect(model.graph.initializers.map(({ name }) => name)).toContain('unused');
  });

  it('names the operator that has no gradient, and asks for one number', () => {
    const options = { by: ['w'], inputShapes: { x: [3] } };
    expect(() => differentiate(graph('Pow'), { ...options, loss: 'loss' })).toThrow(/Pow.*no known gradient/);
    expect(() => differentiate(graph('Mul'), { ...options, loss: 'y' })).toThrow(/not one number/);
  });

  it('refuses an operator whose gradient would come from an output but the first', () => {
    const model = makeModel({
      name: 'g',
      nodes: [
        makeNode('Mul', ['x', 'w'], ['both']),
        makeNode('Split', ['both'], ['unused', 'y'], { axis: 0 }),
        makeNode('ReduceSum', ['y'], ['loss'], { keepdims: 0 }),
      ],
      initializers: [makeFloatTensor('w', [4], Float32Array.of(1, 2, 3, 4))],
      inputs: [makeValueInfo('x', [4])],
      outputs: [makeValueInfo('y', [2])],
    });
    expect(() => differentiate(model, { loss: 'loss', by: ['w'], inputShapes: { x: [4] } })).toThrow(
      /Split.*more than one output/,
    );
  });
});
