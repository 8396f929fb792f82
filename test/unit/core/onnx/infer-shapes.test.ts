import { describe, expect, it } from 'vitest';
import {
  makeFloatTensor,
  makeInt64Tensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { inferShapes, type Shape } from '../../../../main/core/onnx/infer-shapes.ts';
import { OnnxFormatError } from '../../../../main/core/onnx/onnx-format-error.ts';
import type { OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../../../../main/core/onnx/proto.ts';

function modelOf(nodes: NodeProto[], initializers: TensorProto[] = []): OnnxModel {
  return makeModel({ name: 'test', nodes, initializers, inputs: [makeValueInfo('x', [])], outputs: [] });
}

function shapeAfter(node: NodeProto, x: Shape, initializers: TensorProto[] = []): Shape | undefined {
  return inferShapes(modelOf([node], initializers), { x }).get(node.outputs[0]!);
}

const weight = (dims: number[], name = 'w') =>
  makeFloatTensor(name, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));
const ints = (name: string, values: number[]) => makeInt64Tensor(name, [values.length], values);

describe('shape inference', () => {
  // Expected shapes: PyTorch's and ONNX's own formulas, worked by hand.
  it.each<[string, NodeProto, Shape, Shape, TensorProto[]]>([
    [
      'conv with padding and dilation',
      makeNode('Conv', ['x', 'w'], ['y'], { pads: [4, 4, 4, 4, 4, 4], dilations: [4, 4, 4] }),
      [1, 3, 20, 21, 22],
      [1, 8, 20, 21, 22],
      [weight([8, 3, 3, 3, 3])],
    ],
    [
      'conv with stride over an odd size',
      makeNode('Conv', ['x', 'w'], ['y'], { pads: [1, 1, 1, 1], strides: [2, 2] }),
      [1, 3, 7, 8],
      [1, 8, 4, 4],
      [weight([8, 3, 3, 3])],
    ],
    [
      'conv with SAME_UPPER',
      makeNode('Conv', ['x', 'w'], ['y'], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
      [1, 3, 7, 8],
      [1, 8, 4, 4],
      [weight([8, 3, 3, 3])],
    ],
    [
      'transposed conv with output padding',
      makeNode('ConvTranspose', ['x', 'w'], ['y'], {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        output_padding: [1, 1],
      }),
      [1, 3, 5, 6],
      [1, 8, 10, 12],
      [weight([3, 8, 3, 3])],
    ],
    [
      'average pooling that rounds up',
      makeNode('AveragePool', ['x'], ['y'], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
      [1, 3, 5, 6],
      [1, 3, 3, 3],
      [],
    ],
    [
      'resize by sizes',
      makeNode('Resize', ['x', '', '', 'sizes'], ['y']),
      [1, 3, 5, 6],
      [1, 3, 9, 7],
      [ints('sizes', [1, 3, 9, 7])],
    ],
    [
      'resize by scales',
      makeNode('Resize', ['x', '', 'scales'], ['y']),
      [1, 3, 5, 6],
      [1, 3, 10, 15],
      [makeFloatTensor('scales', [4], Float32Array.of(1, 1, 2, 2.5))],
    ],
    ['concat', makeNode('Concat', ['x', 'x'], ['y'], { axis: -3 }), [1, 3, 5, 6], [1, 6, 5, 6], []],
    ['broadcast', makeNode('Add', ['x', 'w'], ['y']), [2, 3, 5, 6], [2, 3, 5, 6], [weight([3, 1, 6])]],
    ['softmax', makeNode('Softmax', ['x'], ['y'], { axis: 1 }), [1, 3, 5], [1, 3, 5], []],
    ['reshape', makeNode('Reshape', ['x', 's'], ['y']), [2, 3, 4], [2, 12], [ints('s', [0, -1])]],
    [
      'slice with steps and ends beyond the size',
      makeNode('Slice', ['x', 'from', 'to', 'axes', 'steps'], ['y']),
      [1, 9, 5],
      [1, 9, 2],
      [ints('from', [-4]), ints('to', [2 ** 62]), ints('axes', [2]), ints('steps', [2])],
    ],
    ['transpose', makeNode('Transpose', ['x'], ['y'], { perm: [0, 2, 1] }), [1, 3, 5], [1, 5, 3], []],
    [
      'mean over the grid',
      makeNode('ReduceMean', ['x'], ['y'], { axes: [2, 3] }),
      [1, 3, 5, 6],
      [1, 3, 1, 1],
      [],
    ],
    ['matrix product', makeNode('MatMul', ['x', 'w'], ['y']), [2, 7, 3], [2, 7, 4], [weight([3, 4])]],
  ])('%s', (_, node, x, expected, initializers) => {
    expect(shapeAfter(node, x, initializers)).toEqual(expected);
  });

  it('follows sizes that the graph computes from its input', () => {
    // As PyTorch exports F.interpolate(x, size=skip.shape[2:]).
    const nodes = [
      makeNode('Shape', ['x'], ['shape']),
      makeNode('Slice', ['shape', 'two', 'four'], ['grid']),
      makeNode('Mul', ['grid', 'two'], ['doubled']),
      makeNode('Constant', [], ['head'], { value: ints('', [1, 3]) }),
      makeNode('Concat', ['head', 'doubled'], ['sizes'], { axis: 0 }),
      makeNode('Resize', ['x', '', '', 'sizes'], ['y']),
    ];
    const shapes = inferShapes(modelOf(nodes, [ints('two', [2]), ints('four', [4])]), { x: [1, 3, 5, 6] });
    expect(shapes.get('y')).toEqual([1, 3, 10, 12]);
  });

  it('follows a division that comes out even, and casts to whole numbers', () => {
    const nodes = [
      makeNode('Shape', ['x'], ['shape']),
      makeNode('Div', ['shape', 'divisor'], ['half']),
      makeNode('Mul', ['half', 'factor'], ['scaled']),
      makeNode('Cast', ['scaled'], ['sizes'], { to: 7 }),
      makeNode('Resize', ['x', '', '', 'sizes'], ['y']),
    ];
    const factor = makeFloatTensor('factor', [4], Float32Array.of(1, 1, 1.5, 1.5));
    const model = modelOf(nodes, [ints('divisor', [1, 1, 2, 2]), factor]);
    expect(inferShapes(model, { x: [1, 3, 6, 10] }).get('y')).toEqual([1, 3, 4, 7]);
    // 5 / 2: whole or not cannot be told, so nothing is claimed.
    expect(() => inferShapes(model, { x: [1, 3, 5, 10] })).toThrow(/computes its sizes from the image/);
  });

  it.each<[string, RegExp, NodeProto, TensorProto[]]>([
    [
      'an unknown operator',
      /the operator FlashAttention is not known/,
      makeNode('FlashAttention', ['x'], ['y']),
      [],
    ],
    [
      'an operator of another domain',
      /com\.example\.Conv is not known/,
      { ...makeNode('Conv', ['x'], ['y']), domain: 'com.example' },
      [],
    ],
    ['a loop', /Loop is not known/, makeNode('Loop', ['x'], ['y']), []],
    [
      'weights for other channels',
      /for 4 channels and gets 3/,
      makeNode('Conv', ['x', 'w'], ['y']),
      [weight([8, 4, 3, 3])],
    ],
    [
      'a kernel that contradicts the weights',
      /declares the kernel/,
      makeNode('Conv', ['x', 'w'], ['y'], { kernel_shape: [5, 5] }),
      [weight([8, 3, 3, 3])],
    ],
    [
      'a bias of the wrong length',
      /a bias of 7/,
      makeNode('Conv', ['x', 'w', 'b'], ['y']),
      [weight([8, 3, 3, 3]), weight([7], 'b')],
    ],
    [
      'a window larger than the image',
      /window of 9/,
      makeNode('Conv', ['x', 'w'], ['y']),
      [weight([8, 3, 9, 9])],
    ],
    [
      'strides of zero',
      /impossible strides/,
      makeNode('Conv', ['x', 'w'], ['y'], { strides: [0, 1] }),
      [weight([8, 3, 3, 3])],
    ],
    [
      'an input that nothing makes',
      /which nothing before it makes/,
      makeNode('Relu', ['nowhere'], ['y']),
      [],
    ],
    ['a missing input', /lacks input 1/, makeNode('Conv', ['x'], ['y']), []],
    [
      'shapes that do not join',
      /cannot join/,
      makeNode('Concat', ['x', 'w'], ['y'], { axis: 1 }),
      [weight([1, 3, 5, 7])],
    ],
    [
      'norm parameters of other channels',
      /parameters for 3 channels/,
      makeNode('InstanceNormalization', ['x', 'w', 'w'], ['y']),
      [weight([4])],
    ],
    [
      'an absurd size',
      /impossible shape/,
      makeNode('Resize', ['x', '', '', 's'], ['y']),
      [ints('s', [1, 3, 2 ** 40, 2 ** 40])],
    ],
  ])('refuses %s', (_, message, node, initializers) => {
    expect(() => shapeAfter(node, [1, 3, 5, 6], initializers)).toThrow(OnnxFormatError);
    expect(() => shapeAfter(node, [1, 3, 5, 6], initializers)).toThrow(message);
  });
});
