import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { buildFold, describeNnunet } from '../../../../../main/core/nnunet/read-nnunet.ts';
import { readCheckpoint } from '../../../../../main/core/nnunet/torch-checkpoint.ts';
import { makeModel, makeNode, makeValueInfo } from '../../../../../main/core/onnx/build-graph.ts';
import { inferShapes } from '../../../../../main/core/onnx/infer-shapes.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import { ranksByFactor } from '../../../../../main/core/tucker/choose-ranks.ts';
import { foldGraph, mergeLinear } from '../../../../../main/core/tucker/fold/fold-graph.ts';
import { readNpy } from '../../../../fixtures/read-npy.ts';
import { tempDir } from '../../../../fixtures/temp-dir.ts';
import { zipSource } from '../../../../fixtures/zip-source.ts';
import { describeShared, sharedData } from '../../../../shared-data.ts';
import { gap, noise, operators, share, smallUnet, tuckerForm, type SmallUnet } from './small-unet.ts';

// What issue and docstring promise, relative to the largest logit. Rounding alone comes to some 1e-6.
const tolerance = 1e-4;

const volume: SmallUnet = {
  channels: 2,
  classes: 5,
  features: [12, 16, 20],
  kernels: [
    [3, 3, 3],
    [3, 3, 3],
    [3, 3, 3],
  ],
  strides: [
    [1, 1, 1],
    [2, 2, 2],
    [2, 2, 2],
  ],
  seed: 1,
};
// Large enough for every pass: they leave small values alone.
const shape = [1, 2, 32, 32, 48];
const inputShapes = { image: shape };
const slabBytes = 2 ** 18;

describe('the folded graph', () => {
  it('gives the same logits, compressed or not', async () => {
    const full = smallUnet(volume);
    for (const model of [full, await tuckerForm(full, inputShapes, share(0.4))])
      expect(await gap(model, foldGraph(model, inputShapes, { slabBytes }), shape)).toBeLessThan(tolerance);
  });

  it('has no concat of channels, transposed convolution, norm or identity left', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const folded = foldGraph(model, inputShapes, { slabBytes });
    const left = operators(folded);
    for (const gone of ['ConvTranspose', 'Identity']) expect(left).not.toContain(gone);
    // The coarsest stage has too few voxels for its norm to be folded.
    expect(left.filter((name) => name === 'InstanceNormalization').length).toBeLessThanOrEqual(1);
    expect(folded.graph.nodes.filter(({ outputs }) => outputs[0]?.startsWith('concat'))).toEqual([]);
  });

  it('holds no wide value of the finest stage as a whole', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const voxels = 32 * 32 * 48;
    const widest = (network: OnnxModel) =>
      Math.max(
        ...[...inferShapes(network, inputShapes)]
          .filter(([name]) => name !== 'logits')
          .map(([, dims]) => dims.reduce((a, b) => a * b, 1) / voxels),
      );
    expect(widest(model)).toBe(24);
    // Three times five stacked outputs, and the slice that they have too many.
    expect(widest(foldGraph(model, inputShapes, { slabBytes }))).toBeLessThan(15.5);
    expect(widest(foldGraph(model, inputShapes, { slabBytes, stackedBytes: 0 }))).toBe(10);
  });

  it('lets onnxruntime fuse activations and the moments', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const optimizedModelFilePath = join(tempDir(), 'optimised.onnx');
    const folded = writeOnnx(foldGraph(model, inputShapes, { slabBytes }));
    const session = await InferenceSession.create(folded, { optimizedModelFilePath, logSeverityLevel: 3 });
    await session.release();
    const optimised = operators(readOnnx(readFileSync(optimizedModelFilePath)));
    expect(optimised).toContain('FusedConv');
    expect(optimised).toContain('FusedMatMul');
    // But for the coarsest stage's, whose norm stays.
    expect(optimised.filter((name) => name === 'LeakyRelu').length).toBeLessThanOrEqual(1);
  });

  it('keeps the digits of an image far from zero', async () => {
    const full = smallUnet({ ...volume, features: [12, 16], strides: volume.strides.slice(0, 2) });
    const model = await tuckerForm(full, inputShapes, share(0.4));
    const folded = foldGraph(model, inputShapes, { slabBytes });
    const image = noise(shape, 3, { mean: 50 });
    expect(await gap(model, folded, shape, image)).toBeLessThan(tolerance);
  });

  it('says which size it is for', () => {
    const folded = foldGraph(smallUnet(volume), inputShapes, { slabBytes });
    const dims = (value: OnnxModel['graph']['inputs'][number]) =>
      value.type?.tensorType?.shape?.dims.map(({ value }) => value);
    expect(folded.graph.inputs.map(dims)).toEqual([shape]);
    expect(folded.graph.outputs.map(dims)).toEqual([[1, 5, 32, 32, 48]]);
  });

  it('leaves sizes unknown to onnxruntime for the sake of memory', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const folded = foldGraph(model, inputShapes, { slabBytes, favour: 'memory' });
    const dims = folded.graph.inputs[0].type?.tensorType?.shape?.dims.map(({ value }) => value);
    expect(dims).toEqual([1, 2, undefined, 32, 48]);
    // Slabs are declared; nothing that they are joined to follows from them.
    const session = await InferenceSession.create(writeOnnx(folded), { logSeverityLevel: 3 });
    const [logits] = session.outputMetadata;
    await session.release();
    expect(logits.isTensor && logits.shape.map((size) => typeof size)).toEqual([
      'number',
      'number',
      'string',
      'number',
      'number',
    ]);
    expect(await gap(model, folded, shape)).toBeLessThan(tolerance);
  });

  it('comes out the same, byte for byte, a second time', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const [first, second] = [1, 2].map(() => Buffer.from(writeOnnx(foldGraph(model, inputShapes))));
    expect(first.equals(second)).toBe(true);
  });

  it('equals the unfolded one for networks of every kind', async () => {
    const axes = fc.constantFrom(2, 3);
    const sizes = (least: number, most: number) => fc.integer({ min: least, max: most });
    const net = axes.chain((n) => {
      const list = (each: fc.Arbitrary<number>) => fc.array(each, { minLength: n, maxLength: n });
      const kernel = list(fc.constantFrom(1, 3, 3, 5));
      const stride = list(fc.constantFrom(1, 2, 2));
      return fc.record({
        channels: sizes(1, 2),
        classes: sizes(1, 4),
        features: fc.tuple(sizes(6, 12), sizes(6, 14)),
        kernels: fc.tuple(kernel, kernel),
        strides: fc.tuple(fc.constant(new Array<number>(n).fill(1)), stride),
        seed: sizes(0, 1000),
        factor: fc.constantFrom(0.25, 0.5, 0.8, 1),
      });
    });
    await fc.assert(
      fc.asyncProperty(net, async ({ factor, ...each }) => {
        const size = each.kernels[0].length === 3 ? [32, 32, 34] : [182, 190];
        const image = [1, each.channels, ...size];
        const full = smallUnet(each);
        const tucker = await tuckerForm(full, { image }, share(factor));
        for (const model of [full, tucker]) {
          const folded = foldGraph(model, { image }, { slabBytes: 2 ** 17 });
          expect(await gap(model, folded, image)).toBeLessThan(tolerance);
        }
      }),
      { numRuns: 15, seed: 7 },
    );
  });
});

describe('what is left alone', () => {
  const write = (model: OnnxModel) => Buffer.from(writeOnnx(model));

  it('a graph in which nothing matches comes out byte for byte', () => {
    const pool = makeNode('MaxPool', ['image'], ['logits'], { kernel_shape: [2, 2], strides: [2, 2] });
    const value = (name: string) => makeValueInfo(name, [1, 1, 'H', 'W']);
    const graph = { name: 'pool', nodes: [pool], initializers: [] };
    const bytes = write(makeModel({ ...graph, inputs: [value('image')], outputs: [value('logits')] }));
    const model = readOnnx(bytes);
    expect(foldGraph(model, { image: [1, 1, 8, 8] })).toBe(model);
    expect(write(foldGraph(model, { image: [1, 1, 8, 8] })).equals(bytes)).toBe(true);
  });

  it('an operator that is not known makes the graph pass through', () => {
    const model = smallUnet(volume);
    const { graph } = model;
    const odd = { ...graph.nodes[2], opType: 'Blur', domain: 'example.org' };
    const changed = { ...model, graph: { ...graph, nodes: graph.nodes.with(2, odd) } };
    expect(foldGraph(changed, inputShapes)).toBe(changed);
  });

  it('nodes and weights outside a pattern stay the objects that they were', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const folded = mergeLinear(model, inputShapes);
    const names = new Set(folded.graph.initializers.map(({ name }) => name));
    const norms = model.graph.nodes.filter(({ opType }) => opType === 'InstanceNormalization');
    expect(norms.every((node) => folded.graph.nodes.includes(node))).toBe(true);
    const kept = model.graph.initializers.filter(({ name }) => names.has(name));
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.every((tensor) => folded.graph.initializers.includes(tensor))).toBe(true);
  });

  it('merging keeps free sizes free', async () => {
    const model = await tuckerForm(smallUnet(volume), inputShapes, share(0.4));
    const merged = mergeLinear(model, inputShapes);
    expect(merged.graph.inputs).toBe(model.graph.inputs);
    expect(await gap(model, merged, [1, 2, 8, 12, 16])).toBeLessThan(tolerance);
  });

  it('an operator set that lacks the operators is only merged', () => {
    const model = { ...smallUnet(volume), opsetImports: [{ domain: '', version: 12 }] };
    expect(operators(foldGraph(model, inputShapes))).toContain('ConvTranspose');
  });
});

async function importFolder(folder: string): Promise<OnnxModel> {
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const description = describeNnunet(json('plans.json'), json('dataset.json'), '3d_fullres');
  const zip = zipSource(readFileSync(join(folder, 'fold_0/checkpoint_final.pth')));
  return buildFold(description, await readCheckpoint(zip));
}

describeShared('networks of nnU-Net', () => {
  it.each([
    ['golden/nnunet-model-old-plans', 'network_input'],
    ['golden/nnunet-model-new-plans', 'network_input'],
    ['models/ct-tissue-nnunet', 'example_ct_patch_input'],
  ])('%s', async (name, patch) => {
    const folder = join(sharedData, name);
    const { data, shape } = readNpy(join(folder, `expected/${patch}.npy`));
    const image = shape.length === 5 ? shape : [1, 1, ...shape.slice(-3)];
    const full = await importFolder(folder);
    const shapes = { image };
    for (const factor of [null, 0.5, 0.3]) {
      const model = factor === null ? full : await tuckerForm(full, shapes, ranksByFactor(factor));
      const folded = foldGraph(model, shapes, { slabBytes });
      expect(folded).not.toBe(model);
      expect(await gap(model, folded, image, data as Float32Array)).toBeLessThan(tolerance);
    }
  });
});
