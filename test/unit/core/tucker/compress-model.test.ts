import { describe, expect, it } from 'vitest';
import { makeFloatTensor, makeModel, makeNode } from '../../../../main/core/onnx/build-graph.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../../../../main/core/onnx/onnx-format-error.ts';
import { dataType } from '../../../../main/core/onnx/proto.ts';
import { tensorFloats } from '../../../../main/core/onnx/tensor-data.ts';
import { makeFloatTensorOf } from '../../../../main/core/onnx/make-float-tensor-of.ts';
import { ranksByFactor } from '../../../../main/core/tucker/choose-ranks.ts';
import { compressModel } from '../../../../main/core/tucker/compress-model.ts';
import { decomposeWhereMacsFall } from '../../../../main/core/tucker/decide-layers.ts';
import { compressOne, fullRank, gap, network, oneLayer, randomTensor } from './layer-networks.ts';

describe('compressing a model', () => {
  const conv = (name: string, input: string, weight: string, output: string, attributes = {}) => ({
    ...makeNode('Conv', [input, weight], [output], { pads: [1, 1, 1, 1, 1, 1], ...attributes }),
    name,
  });

  it('names the new nodes and weights after the old ones, and drops weights that nothing uses', async () => {
    const model = network(
      [conv('first', 'x', 'w', 'h'), conv('second', 'h', 'w', 'y')],
      [randomTensor('w', [8, 8, 3, 3, 3], 1)],
      8,
    );
    const { model: changed } = await compressOne(model, [4, 4, 4], () => ({ in: 3, out: 2 }));
    const { nodes, initializers } = changed.graph;
    expect(nodes.map(({ name }) => name)).toEqual(
      ['first', 'second'].flatMap((name) => [`${name}.reduce`, `${name}.core`, `${name}.expand`]),
    );
    expect(initializers.map(({ name }) => name)).toEqual([
      ...['w.reduce', 'w.core', 'w.expand'],
      ...['w.reduce.2', 'w.core.2', 'w.expand.2'],
    ]);
    expect(nodes[2].outputs).toEqual(['h']);
    expect(initializers.map(({ dims }) => dims.slice(0, 2))).toEqual(
      [1, 2].flatMap(() => [
        [3, 8],
        [2, 3],
        [8, 2],
      ]),
    );
  });

  it('cuts ranks to the channels', async () => {
    const model = oneLayer('ConvTranspose', [6, 4, 2, 2, 2], { strides: [2, 2, 2] });
    const { layers } = await compressOne(model, [3, 3, 3], () => ({ in: 99, out: 0 }));
    expect(layers[0].ranks).toEqual({ in: 6, out: 1 });
  });

  it('leaves alone what it cannot decompose, and says why', async () => {
    const broken = makeFloatTensor('nan', [8, 8, 1, 1, 1], new Float32Array(64).fill(NaN));
    const model = network(
      [
        makeNode('Conv', ['x', 'grouped'], ['a'], { group: 2 }),
        makeNode('Relu', ['grouped2'], ['computed']),
        makeNode('Conv', ['a', 'computed'], ['b']),
        makeNode('Conv', ['b', 'nan'], ['c']),
        makeNode('Conv', ['c', 'fine'], ['d']),
        makeNode('Conv', ['d', 'narrow'], ['y']),
      ],
      [
        randomTensor('grouped', [8, 4, 1, 1, 1], 1),
        randomTensor('grouped2', [8, 8, 1, 1, 1], 2),
        broken,
        randomTensor('fine', [8, 8, 3, 3, 3], 3),
        randomTensor('narrow', [1, 8, 3, 3, 3], 3),
      ],
      8,
    );
    const recipe = { ranks: ranksByFactor(0.2, 2), decide: decomposeWhereMacsFall };
    const [{ layers, model: changed }] = await compressModel(model, [recipe], {
      inputShapes: { x: [1, 8, 8, 8, 8] },
    });
    expect(layers.map(({ skippedReason }) => skippedReason)).toEqual([
      'its channels are in groups',
      'its weights are not constants of the file',
      'its weights are not finite',
      undefined,
      'it has one channel',
    ]);
    expect(layers.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'y']);
    expect(changed.graph.nodes.filter((node) => model.graph.nodes.includes(node))).toHaveLength(5);
  });

  it('decomposes around an operator that it does not know', async () => {
    const strange = { ...makeNode('Strange', ['h'], ['y']), domain: 'example.test' };
    const model = network([conv('c', 'x', 'w', 'h'), strange], [randomTensor('w', [8, 8, 3, 3, 3], 1)], 8);
    const options = { inputShapes: { x: [1, 8, 4, 4, 4] } };
    const [paper, ours] = await compressModel(
      model,
      [{ ranks: ranksByFactor(0.5, 2) }, { ranks: ranksByFactor(0.5, 2), decide: decomposeWhereMacsFall }],
      options,
    );
    expect(paper.layers[0]).toMatchObject({ ranks: { in: 4, out: 4 }, after: { macs: null } });
    expect(paper.model.graph.nodes.at(-1)).toBe(strange);
    expect(ours.layers[0].skippedReason).toBe('its cost is not known');
    expect(ours.model).toBe(model);
  });

  it('leaves every byte of the rest of the file as it was', async () => {
    const metadata = { licence: 'none', labels: 'a,b' };
    const built = makeModel(
      {
        ...network(
          [conv('c', 'x', 'w', 'h'), makeNode('LeakyRelu', ['h'], ['y'], { alpha: { float: 0.01 } })],
          [randomTensor('w', [8, 8, 3, 3, 3], 1), randomTensor('left', [3], 2)],
          8,
        ).graph,
        name: 'kept',
      },
      metadata,
    );
    // A field that we do not know, number 31, of three bytes.
    const unknown = [0xfa, 0x01, 3, 7, 8, 9];
    const file = Uint8Array.from([...writeOnnx(built), ...unknown]);
    const model = readOnnx(file);
    const [variant, same] = await compressModel(
      model,
      [{ ranks: ranksByFactor(0.5, 2) }, { ranks: fullRank, decide: () => 'not today' }],
      { inputShapes: { x: [1, 8, 4, 4, 4] } },
    );
    expect(writeOnnx(same.model)).toEqual(file);
    const changed = writeOnnx(variant.model);
    expect([...changed.slice(-unknown.length)]).toEqual(unknown);
    const again = readOnnx(changed);
    const parts = ({ graph, metadata, opsetImports }: OnnxModel) => [
      graph.nodes.at(-1),
      graph.initializers.find(({ name }) => name === 'left'),
      graph.inputs,
      graph.outputs,
      metadata,
      opsetImports,
    ];
    expect(parts(again)).toEqual(parts(model));
    expect(variant.model.graph.nodes.at(-1)).toBe(model.graph.nodes.at(-1));
  });

  it('decomposes once for all recipes, several layers at a time, in any order', async () => {
    const names = ['a', 'b', 'c', 'd', 'y'];
    const nodes = names.map((name, i) => conv(name, i === 0 ? 'x' : names[i - 1], `w${i}`, name));
    const model = network(
      nodes,
      names.map((_, i) => randomTensor(`w${i}`, [8, 8, 3, 3, 3], i)),
      8,
    );
    const recipes = [0.9, 0.5, 0.25].map((factor) => ({ ranks: ranksByFactor(factor, 1) }));
    const inputShapes = { x: [1, 8, 4, 4, 4] };
    const seen: number[] = [];
    const serial = await compressModel(model, recipes, { inputShapes });
    const parallel = await compressModel(model, recipes, {
      inputShapes,
      parallel: 3,
      onProgress: (done, total) => seen.push(done / total),
    });
    expect(parallel.map((each) => each.layers)).toEqual(serial.map((each) => each.layers));
    expect(parallel.map((each) => writeOnnx(each.model))).toEqual(
      serial.map((each) => writeOnnx(each.model)),
    );
    expect(seen).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    const errors = serial.map(({ layers }) => layers[0].error);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
  });

  it('keeps the element type of the weights', async () => {
    for (const kind of [dataType.float16, dataType.bfloat16, dataType.double]) {
      const values = tensorFloats(randomTensor('w', [8, 8, 3, 3, 3], 1));
      const weight = makeFloatTensorOf(kind, 'w', [8, 8, 3, 3, 3], values);
      const model = network([conv('c', 'x', 'w', 'y')], [weight], 8);
      const { model: changed, layers } = await compressOne(model, [4, 4, 4], () => ({ in: 8, out: 4 }));
      expect(layers[0].error).toBeGreaterThan(0.1);
      expect(changed.graph.initializers.map((each) => each.dataType)).toEqual([kind, kind, kind]);
      const norms = changed.graph.initializers.map((each) =>
        tensorFloats(each).reduce((sum, value) => sum + value * value, 0),
      );
      // Orthonormal factors, and a core that holds the rest of the norm; 8 bits of bfloat16.
      const whole = values.reduce((sum, value) => sum + value * value, 0);
      const wanted = [8, whole * (1 - layers[0].error ** 2), 4];
      norms.forEach((norm, i) => expect(Math.abs(norm / wanted[i] - 1)).toBeLessThan(0.01));
    }
  });

  it('takes weights from Constant nodes, and drops those that nothing uses', async () => {
    const value = { ...randomTensor('', [8, 8, 3, 3, 3], 1) };
    const model = network(
      [makeNode('Constant', [], ['w'], { value }), conv('c', 'x', 'w', 'h'), makeNode('Relu', ['h'], ['y'])],
      [],
      8,
    );
    const { model: changed } = await compressOne(model, [4, 4, 4]);
    expect(changed.graph.nodes.map(({ opType }) => opType)).toEqual(['Conv', 'Conv', 'Conv', 'Relu']);
    expect(await gap(model, changed, [1, 8, 4, 4, 4])).toBeLessThan(1e-5);
  });

  it('reads weights that lie in another file, and leaves the layer alone where it cannot', async () => {
    const { rawData, ...inline } = randomTensor('w', [8, 8, 3, 3, 3], 1);
    const externalData = [
      { key: 'location', value: 'weights.bin' },
      { key: 'offset', value: '16' },
    ];
    const model = network([conv('c', 'x', 'w', 'y')], [{ ...inline, dataLocation: 1, externalData }], 8);
    const options = { inputShapes: { x: [1, 8, 4, 4, 4] } };
    const [without] = await compressModel(model, [{ ranks: fullRank }], options);
    expect(without.layers[0].skippedReason).toBe('its weights lie in another file');
    expect(without.model).toBe(model);
    const asked: unknown[] = [];
    const [variant] = await compressModel(model, [{ ranks: fullRank }], {
      ...options,
      readExternal: (...args) => {
        asked.push(args);
        return rawData!;
      },
    });
    expect(asked).toEqual([['weights.bin', 16, rawData!.length]]);
    expect(variant.model.graph.initializers.every(({ dataLocation }) => dataLocation !== 1)).toBe(true);
    const original = network([conv('c', 'x', 'w', 'y')], [{ ...inline, rawData }], 8);
    expect(await gap(original, variant.model, [1, 8, 4, 4, 4])).toBeLessThan(1e-5);
  });

  it('refuses weights that are cut off', async () => {
    const { rawData, ...rest } = randomTensor('w', [8, 8, 3, 3, 3], 1);
    const cut = { ...rest, rawData: rawData!.subarray(0, 40) };
    const model = network([conv('c', 'x', 'w', 'y')], [cut], 8);
    await expect(compressOne(model, [4, 4, 4])).rejects.toThrow(OnnxFormatError);
  });
});
