import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx, type OnnxModel } from '../../main/core/onnx/onnx-file.ts';
import { readTrainRecipe } from '../../main/core/learn/recipe/train-recipe.ts';
import { readModel } from '../../main/services/read-model.ts';
import { tinyRecipe } from '../fixtures/labelled-images.ts';
import { inFolder, json, refusal, writeFolder, writeZip, type Files } from '../fixtures/model-files.ts';
import { describeShared, sharedData } from '../shared-data.ts';

describe('reading an ONNX file with its manifest', () => {
  const manifest = {
    ...JSON.parse(readFileSync(new URL('../fixtures/meshnet/model5_gw_ae.json', import.meta.url), 'utf8')),
    patch: [24, 24, 24],
    tiling: { kind: 'gaussian', step: 0.5 },
  };

  function network(change: (model: OnnxModel) => OnnxModel = (model) => model): Uint8Array {
    const model = makeModel({
      name: 'tiny',
      nodes: [makeNode('Conv', ['image', 'w'], ['logits'], { pads: [1, 1, 1, 1, 1, 1] })],
      initializers: [makeFloatTensor('w', [3, 1, 3, 3, 3], new Float32Array(81).fill(0.1))],
      inputs: [makeValueInfo('image', [1, 1, 'D', 'H', 'W'])],
      outputs: [makeValueInfo('logits', [1, 3, 'D', 'H', 'W'])],
    });
    return writeOnnx(change(model));
  }

  const files = (change: Files = {}): Files => ({ 'm.onnx': network(), 'm.json': json(manifest), ...change });

  it('reads it by folder, by zip and by either file', async () => {
    const folder = writeFolder(files());
    const paths = [folder, join(folder, 'm.onnx'), join(folder, 'm.json'), writeZip(inFolder('x', files()))];
    for (const path of paths) {
      const { model, networks, parameters, macs, licence } = await readModel(path);
      expect(model).toMatchObject({ source: 'onnx', name: manifest.name, orientation: 'LIA' });
      expect(Buffer.from(networks[0]!).equals(network())).toBe(true);
      expect([parameters, macs]).toEqual([81, 81 * 24 ** 3]);
      expect(licence).toMatch(/^MIT/);
    }
  });

  it('reads a network of another name, where the manifest says so', async () => {
    const path = writeFolder({ 'a.onnx': network(), 'm.json': json({ ...manifest, network: 'a.onnx' }) });
    expect((await readModel(path)).parameters).toBe(81);
  });

  it('reads the card of how it was trained, and takes neither a broken one nor that of another model', async () => {
    const recipe = readTrainRecipe({
      ...tinyRecipe,
      name: manifest.name,
      labels: { names: manifest.labels },
    });
    const card = {
      format: 'thinslice-card/1',
      appVersion: '1.0.0',
      recipe,
      limits: { steps: 2, minutes: null },
      data: [{ sha256: '0'.repeat(64), labels: null, learn: 'all', holdOut: null }],
      steps: 2,
      losses: [1, -0.5],
      judgements: [{ steps: 0, score: 0.25 }],
      diverged: false,
      heldOut: [],
    };
    const withCard = (change: object): string =>
      writeFolder(files({ 'm.card.json': json({ ...card, ...change }) }));
    expect((await readModel(withCard({}))).card).toEqual(card);
    expect((await readModel(writeFolder(files()))).card).toBeNull();
    expect(await refusal(withCard({ losses: ['1'] }))).toMatch(/card m\.card\.json .* at losses\.0/);
    const other = { recipe: { ...recipe, name: 'Other' } };
    expect(await refusal(withCard(other))).toMatch(/is of another model \(Other\)/);
    const named = files({
      'a.onnx': network(),
      'm.json': json({ ...manifest, network: 'a.onnx' }),
      'm.card.json': json(card),
    });
    const { 'm.onnx': _, ...others } = named;
    expect((await readModel(writeFolder(others))).card).toEqual(card);
  });

  const graph = (change: Partial<OnnxModel['graph']>) => (model: OnnxModel) => ({
    ...model,
    graph: { ...model.graph, ...change },
  });

  it.each<[string, RegExp, Files]>([
    [
      'other classes than the manifest has labels',
      /its output is 1 × 3/,
      { 'm.json': json({ ...manifest, labels: ['a', 'b'] }) },
    ],
    [
      'other channels',
      /its input is 1 × 1 × D × H × W where the model needs 1 × 2/,
      { 'm.json': json({ ...manifest, channels: [...manifest.channels, ...manifest.channels] }) },
    ],
    [
      'a fixed size that is not the patch',
      /its input is 1 × 1 × 8/,
      { 'm.onnx': network(graph({ inputs: [makeValueInfo('image', [1, 1, 8, 8, 8])] })) },
    ],
    [
      'two outputs',
      /2 outputs/,
      { 'm.onnx': network(graph({ outputs: [makeValueInfo('logits', []), makeValueInfo('image', [])] })) },
    ],
    [
      'two inputs',
      /2 inputs/,
      { 'm.onnx': network(graph({ inputs: [makeValueInfo('image', []), makeValueInfo('prior', [])] })) },
    ],
    [
      'an unknown operator',
      /operator Deform is not known/,
      { 'm.onnx': network(graph({ nodes: [makeNode('Deform', ['image'], ['logits'])] })) },
    ],
    [
      'weights in another file',
      /"w" lies in another file/,
      {
        'm.onnx': network(
          graph({
            initializers: [
              {
                name: 'w',
                dims: [3, 1, 3, 3, 3],
                dataType: 1,
                dataLocation: 1,
                externalData: [{ key: 'location', value: '../w.bin' }],
              },
            ],
          }),
        ),
      },
    ],
    [
      'an output on another grid',
      /its output is/,
      { 'm.onnx': network(graph({ nodes: [makeNode('Conv', ['image', 'w'], ['logits'])] })) },
    ],
    [
      'something that is no ONNX',
      /field|number|wire type|ends|graph/,
      { 'm.onnx': new TextEncoder().encode('not a network') },
    ],
    [
      'weights that are cut off',
      /"w" should hold 324 bytes and holds 4/,
      {
        'm.onnx': network(
          graph({
            initializers: [
              { name: 'w', dims: [3, 1, 3, 3, 3], dataType: 1, rawData: new Uint8Array(4), externalData: [] },
            ],
          }),
        ),
      },
    ],
    ['an empty file', /no graph/, { 'm.onnx': new Uint8Array() }],
    ['a manifest that is no manifest', /manifest is not valid at format/, { 'm.json': json({}) }],
  ])('refuses %s', async (_, message, change) => {
    expect(await refusal(writeFolder(files(change)))).toMatch(message);
  });

  it('refuses a network without its manifest, and two models at once', async () => {
    const folder = writeFolder({ 'm.onnx': network() });
    expect(await refusal(join(folder, 'm.onnx'))).toMatch(/manifest m\.json is missing/);
    const two = writeFolder({ ...files(), 'n.onnx': network(), 'n.json': json(manifest) });
    expect(await refusal(two)).toMatch(/several models/);
    expect((await readModel(join(two, 'n.onnx'))).parameters).toBe(81);
  });
});

describeShared('MeshNet', () => {
  it.each(['model5_gw_ae', 'model30chan18cls'])(
    'MeshNet %s with the manifest of our fixtures',
    async (name) => {
      const manifest = readFileSync(new URL(`../fixtures/meshnet/${name}.json`, import.meta.url));
      const bytes = readFileSync(join(sharedData, 'models/meshnet', `${name}.onnx`));
      const { model, networks } = await readModel(
        writeFolder({ [`${name}.onnx`]: bytes, [`${name}.json`]: manifest }),
      );
      expect(networks[0]!.length).toBe(bytes.length);
      expect(model.patch).toEqual([256, 256, 256]);
    },
  );
});
