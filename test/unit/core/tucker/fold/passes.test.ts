import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../../main/core/onnx/build-graph.ts';
import type { OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../../../../../main/core/onnx/proto.ts';
import { applyEdit } from '../../../../../main/core/tucker/fold/apply-edit.ts';
import { findUncentred } from '../../../../../main/core/tucker/fold/centre-core.ts';
import { findComposition } from '../../../../../main/core/tucker/fold/compose-convolutions.ts';
import { findIdentity } from '../../../../../main/core/tucker/fold/drop-identities.ts';
import { findNorm } from '../../../../../main/core/tucker/fold/fold-norm.ts';
import { GraphView } from '../../../../../main/core/tucker/fold/graph-view.ts';
import { findTransposed } from '../../../../../main/core/tucker/fold/shuffle-transposed.ts';
import { findConcat } from '../../../../../main/core/tucker/fold/split-concat.ts';
import { findTaps } from '../../../../../main/core/tucker/fold/stack-taps.ts';
import { fires, graph, run, type Pass } from './run-pass.ts';
import { gap, operators } from './small-unet.ts';

const weightsLeft = (model: OnnxModel) =>
  model.graph.initializers.map(({ dims }: TensorProto) => dims.join(' '));

describe('drop-identities', () => {
  it('takes Identity and Dropout out, in the middle and at the end', async () => {
    const nodes = [
      makeNode('Identity', ['x'], ['a']),
      makeNode('Conv', ['a', 'w'], ['b']),
      makeNode('Dropout', ['b'], ['c', 'mask']),
      makeNode('Relu', ['c'], ['d']),
      makeNode('Identity', ['d'], ['y']),
    ];
    const left = await run(findIdentity, graph(nodes, { w: [3, 2, 1, 1, 1] }, 2), [1, 2, 4, 4, 4]);
    expect(operators(left)).toEqual(['Conv', 'Relu']);
  });

  it('keeps an Identity that makes an output of an input, or of a value used elsewhere', () => {
    expect(fires(findIdentity, graph([makeNode('Identity', ['x'], ['y'])], {}, 2), [1, 2, 4, 4, 4])).toBe(
      false,
    );
    const twice = [
      makeNode('Relu', ['x'], ['a']),
      makeNode('Identity', ['a'], ['y']),
      makeNode('Neg', ['a'], ['z']),
    ];
    expect(fires(findIdentity, graph(twice, {}, 2), [1, 2, 4, 4, 4])).toBe(false);
  });
});

describe('compose-convolutions', () => {
  const shape = [1, 6, 5, 6, 7];
  const pads = [1, 1, 1, 1, 1, 1];

  it('merges an expansion and the reduction after it', async () => {
    const nodes = [makeNode('Conv', ['x', 'u', 'b'], ['a']), makeNode('Conv', ['a', 'p', 'c'], ['y'])];
    const weights = { u: [20, 6, 1, 1, 1], b: [20], p: [4, 20, 1, 1, 1], c: [4] };
    const left = await run(findComposition, graph(nodes, weights, 6), shape);
    expect(weightsLeft(left)).toEqual(['4 6 1 1 1', '4']);
  });

  it('merges a reduction into the convolution and the transposed convolution before it', async () => {
    const stride = { kernel_shape: [1, 2, 2], strides: [1, 2, 2] };
    for (const [first, w] of [
      [
        makeNode('Conv', ['x', 'w', 'b'], ['a'], { pads, strides: [2, 1, 1], dilations: [1, 1, 1] }),
        [9, 6, 3, 3, 3],
      ],
      [makeNode('ConvTranspose', ['x', 'w', 'b'], ['a'], stride), [6, 9, 1, 2, 2]],
    ] as const) {
      const nodes = [first, makeNode('Conv', ['a', 'p'], ['y'])];
      const left = await run(findComposition, graph(nodes, { w, b: [9], p: [2, 9, 1, 1, 1] }, 6), shape);
      expect(operators(left)).toEqual([first.opType]);
    }
  });

  it('merges a 1×1×1 convolution into what follows where that is less work, unless it has a bias', async () => {
    const build = (bias: readonly string[]) =>
      graph(
        [makeNode('Conv', ['x', 'p', ...bias], ['a']), makeNode('Conv', ['a', 'w', 'c'], ['y'], { pads })],
        { p: [8, 6, 1, 1, 1], b: [8], w: [3, 8, 3, 3, 3], c: [3] },
        6,
      );
    await run(findComposition, build([]), shape);
    expect(fires(findComposition, build(['b']), shape)).toBe(false);
    const up = [makeNode('Conv', ['x', 'p'], ['a']), makeNode('ConvTranspose', ['a', 'w'], ['y'])];
    await run(findComposition, graph(up, { p: [8, 6, 1, 1, 1], w: [8, 3, 2, 2, 2] }, 6), shape);
  });

  it.each<[string, readonly NodeProto[], readonly number[]]>([
    [
      'it would be more work',
      [makeNode('Conv', ['x', 'p'], ['a']), makeNode('Conv', ['a', 'w'], ['y'])],
      [2, 6],
    ],
    [
      'something is between',
      [
        makeNode('Conv', ['x', 'p'], ['b']),
        makeNode('Relu', ['b'], ['a']),
        makeNode('Conv', ['a', 'w'], ['y']),
      ],
      [30, 6],
    ],
    [
      'the value between is used elsewhere',
      [
        makeNode('Conv', ['x', 'p'], ['a']),
        makeNode('Conv', ['a', 'w'], ['b']),
        makeNode('Relu', ['a'], ['c']),
        makeNode('Concat', ['b', 'c'], ['y'], { axis: 1 }),
      ],
      [30, 6],
    ],
    [
      'the second has groups',
      [makeNode('Conv', ['x', 'p'], ['a']), makeNode('Conv', ['a', 'v'], ['y'], { group: 3 })],
      [30, 6],
    ],
  ])('leaves them where %s', (_, nodes, p) => {
    const weights = { p: [...p, 1, 1, 1], w: [40, p[0], 1, 1, 1], v: [30, 10, 1, 1, 1] };
    expect(fires(findComposition, graph(nodes, weights, 6), shape)).toBe(false);
  });
});

describe('split-concat', () => {
  it('makes a sum of three convolutions', async () => {
    const nodes = [
      makeNode('Relu', ['x'], ['a']),
      makeNode('Neg', ['x'], ['b']),
      makeNode('Concat', ['x', 'a', 'b'], ['c'], { axis: 1 }),
      makeNode('Conv', ['c', 'w', 'bias'], ['y'], { pads: [1, 1, 1, 1] }),
    ];
    const left = await run(findConcat, graph(nodes, { w: [5, 6, 3, 3], bias: [5] }, 2, 2), [1, 2, 6, 7]);
    expect(operators(left).filter((name) => name === 'Conv').length).toBe(3);
    expect(operators(left)).not.toContain('Concat');
  });

  it('leaves a join along another axis, or that something else uses as well', () => {
    const conv = makeNode('Conv', ['c', 'w'], ['y']);
    const join = (axis: number) => makeNode('Concat', ['x', 'x'], ['c'], { axis });
    const shape = [1, 2, 6, 7];
    expect(fires(findConcat, graph([join(2), conv], { w: [5, 2, 1, 1] }, 2, 2), shape)).toBe(false);
    const also = [join(1), conv, makeNode('Relu', ['c'], ['z'])];
    expect(fires(findConcat, graph(also, { w: [5, 4, 1, 1] }, 2, 2), shape)).toBe(false);
    expect(fires(findConcat, graph(also.slice(0, 2), { w: [5, 4, 1, 1] }, 2, 2), shape)).toBe(true);
  });
});

describe('shuffle-transposed', () => {
  it.each([[[2, 2, 2]], [[1, 2, 3]], [[3, 1, 1]], [[2, 4]], [[1, 1]]])(
    'does kernel = stride %s',
    async (stride) => {
      const up = makeNode('ConvTranspose', ['x', 'w', 'b'], ['y'], { kernel_shape: stride, strides: stride });
      const model = graph([up], { w: [4, 3, ...stride], b: [3] }, 4, stride.length);
      const left = await run(findTransposed, model, [1, 4, ...[3, 4, 5].slice(0, stride.length)]);
      expect(operators(left)).not.toContain('ConvTranspose');
    },
  );

  it.each([
    [{ kernel_shape: [3, 3, 3], strides: [2, 2, 2] }],
    [{ kernel_shape: [2, 2, 2], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1] }],
    [{ kernel_shape: [2, 2, 2], strides: [2, 2, 2], output_padding: [1, 0, 0] }],
  ])('leaves %j', (attributes) => {
    const up = makeNode('ConvTranspose', ['x', 'w'], ['y'], attributes);
    const model = graph([up], { w: [4, 3, ...attributes.kernel_shape] }, 4);
    expect(fires(findTransposed, model, [1, 4, 5, 5, 5])).toBe(false);
  });
});

/** Core, expansion, norm, activation. */
function normalised(between: readonly NodeProto[] = [], output = 'e', pad = 1): OnnxModel {
  const nodes = [
    makeNode('Conv', ['x', 'w'], ['z'], { pads: new Array<number>(6).fill(pad) }),
    makeNode('Conv', ['z', 'u', 'c'], ['e']),
    ...between,
    makeNode('InstanceNormalization', [output, 'scale', 'shift'], ['n'], { epsilon: { float: 1e-3 } }),
    makeNode('LeakyRelu', ['n'], ['y'], { alpha: { float: 0.01 } }),
  ];
  return graph(nodes, { w: [5, 3, 3, 3, 3], u: [12, 5, 1, 1, 1], c: [12], scale: [12], shift: [12] }, 3);
}

describe('centre-core and fold-norm', () => {
  const shape = [1, 3, 20, 18, 22];

  it('compute the norm on the few channels', async () => {
    const centred = await run(findUncentred, normalised(), shape);
    const folded = await run(findNorm, centred, shape);
    expect(operators(folded)).not.toContain('InstanceNormalization');
    expect(operators(await run(findNorm, normalised(), shape))).not.toContain('InstanceNormalization');
  });

  it('reduce over axes as newer operator sets want them', async () => {
    const model = { ...normalised(), opsetImports: [{ domain: '', version: 18 }] };
    await run(findNorm, await run(findUncentred, model, shape), shape);
  });

  it('keep the digits where the mean is a hundred times the deviation', async () => {
    // Without padding, beside which the image would be a step.
    const model = normalised([], 'e', 0);
    const edit = (pass: Pass, to: OnnxModel) => {
      const found = pass(new GraphView(to, { x: shape }));
      return found ? applyEdit(to, found) : to;
    };
    const image = Float32Array.from({ length: 3 * 20 * 18 * 22 }, (_, i) => 100 + Math.sin(i * i));
    const plain = await gap(model, edit(findNorm, model), shape, image);
    const centred = await gap(model, edit(findNorm, edit(findUncentred, model)), shape, image);
    expect(centred).toBeLessThan(1e-4);
    expect(centred).toBeLessThan(plain / 10);
  });

  it('leave a norm of few elements, and one after something else', () => {
    expect(fires(findNorm, normalised(), [1, 3, 8, 8, 8])).toBe(false);
    expect(fires(findNorm, normalised([makeNode('Relu', ['e'], ['f'])], 'f'), shape)).toBe(false);
    expect(fires(findNorm, normalised([makeNode('Neg', ['e'], ['other'])]), shape)).toBe(false);
  });
});

describe('stack-taps', () => {
  const conv = (attributes: Parameters<typeof makeNode>[3], w: readonly number[]) =>
    graph([makeNode('Conv', ['x', 'w', 'b'], ['y'], attributes)], { w, b: [w[0]] }, w[1], w.length - 2);
  const pass: Pass = (view) => findTaps(view, 2 ** 28);

  it.each<[string, Parameters<typeof makeNode>[3], readonly number[]]>([
    ['3 × 3 × 3', { pads: [1, 1, 1, 1, 1, 1] }, [4, 8, 3, 3, 3]],
    ['3 × 1 × 5', { pads: [1, 0, 2, 1, 0, 2] }, [2, 12, 3, 1, 5]],
    ['strides on the other axes', { pads: [1, 1, 0, 1, 0, 1], strides: [1, 1, 2] }, [3, 8, 3, 3, 3]],
    ['dilation on the other axes', { pads: [1, 2, 1, 1, 2, 1], dilations: [1, 2, 1] }, [3, 8, 3, 3, 3]],
  ])('does %s', async (_, attributes, w) => {
    const left = await run(pass, conv(attributes, w), [1, w[1], 33, 40, 64]);
    expect(operators(left)).toContain('Slice');
  });

  it('does two axes', async () => {
    await run(pass, conv({ pads: [1, 1, 1, 1] }, [3, 12, 3, 3]), [1, 12, 190, 180]);
  });

  it('leaves strides and dilation along the first axis, other padding, small images and wide outputs', () => {
    const pads = [1, 1, 1, 1, 1, 1];
    const shape = [1, 8, 34, 40, 40];
    const w = [4, 8, 3, 3, 3];
    expect(fires(pass, conv({ pads }, w), shape)).toBe(true);
    expect(fires(pass, conv({ pads, strides: [2, 1, 1] }, w), shape)).toBe(false);
    expect(fires(pass, conv({ pads: [2, 1, 1, 2, 1, 1], dilations: [2, 1, 1] }, w), shape)).toBe(false);
    expect(fires(pass, conv({}, w), shape)).toBe(false);
    expect(fires(pass, conv({ pads }, w), [1, 8, 16, 16, 16])).toBe(false);
    expect(fires(pass, conv({ pads }, [64, 8, 3, 3, 3]), shape)).toBe(false);
    expect(fires((view) => findTaps(view, 1000), conv({ pads }, w), shape)).toBe(false);
  });
});
