import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx, type OnnxModel } from '../../main/core/onnx/onnx-file.ts';
import { readModel } from '../../main/services/read-model.ts';
import { makeCheckpoint, makePlans, Pickle, tinyDataset, tinyNetwork } from '../fixtures/make-checkpoint.ts';
import { runOnnx } from '../fixtures/run-onnx.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const { weights } = tinyNetwork();
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const modelFolder = 'nnUNetTrainer__nnUNetPlans__3d_fullres';

type Files = Record<string, Uint8Array>;

function nnunetFiles(change: Files = {}): Files {
  return {
    'plans.json': json(makePlans()),
    'dataset.json': json(tinyDataset),
    'fold_0/checkpoint_final.pth': makeCheckpoint({ weights, mirrorAxes: [0, 1, 2] }),
    ...change,
  };
}

function inFolder(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
}

function write(files: Files): string {
  const root = tempDir();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  return root;
}

function writeZip(files: Zippable): string {
  const path = join(tempDir(), 'model.zip');
  writeFileSync(path, zipSync(files));
  return path;
}

async function refusal(path: string): Promise<string> {
  const error = await readModel(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppFailure);
  const { error: appError } = error as AppFailure;
  expect(appError).toMatchObject({ code: 'model-refused', path });
  return appError.code === 'model-refused' ? appError.detail : '';
}

const scratchFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('thinslice-model-'));

describe('reading an nnU-Net model', () => {
  it('reads the same from every place it may lie in', async () => {
    const files = nnunetFiles();
    const dataset = inFolder('Dataset777_Tiny', inFolder(modelFolder, files));
    const before = scratchFolders();
    const models = await Promise.all(
      [
        write(files),
        join(write(dataset), 'Dataset777_Tiny', modelFolder),
        join(write(dataset), 'Dataset777_Tiny'),
        writeZip(files),
        writeZip(dataset),
      ].map((path) => readModel(path)),
    );
    for (const model of models) expect(model).toEqual(models[0]);
    expect(scratchFolders()).toEqual(before);
    const { model, networks, parameters, macs, source, licence, description } = models[0]!;
    expect(model).toMatchObject({
      name: 'Dataset777_Tiny 3d_fullres',
      orientation: 'as-read',
      patch: [16, 16, 16],
      spacingMm: [2, 1.5, 1.5],
      mirrorAxes: [0, 1, 2],
      tiling: { kind: 'gaussian', step: 0.5 },
      channels: [{ name: 'CT', modality: 'CT', normalization: { kind: 'ct', lower: -100, upper: 300 } }],
      labels: [{ name: 'liver' }, { name: 'rib_left_3', typeModifier: { meaning: 'Left' } }],
    });
    // Weights of the heads that are left out do not count; the rest by hand.
    const expected = [27 * 4 + 12, 4 * 8 * 27 + 24, 8 * 4 * 8 + 4, 8 * 4 * 27 + 12, 4 * 3 + 3];
    expect(parameters).toBe(expected.reduce((a, b) => a + b, 0));
    expect(macs).toBe(4096 * (27 * 4 + 8 * 4 * 27 + 4 * 3) + 512 * (4 * 8 * 27 + 8 * 4 * 8));
    expect([source, licence, description]).toEqual([
      'Dataset777_Tiny, nnUNetTrainer, nnUNetPlans, 3d_fullres',
      'CC BY 4.0',
      'A tiny network for tests',
    ]);
    const logits = await runOnnx(networks[0]!, new Float32Array(4096).fill(0.5), [1, 1, 16, 16, 16]);
    expect(logits.length).toBe(3 * 4096);
  });

  it('reads every fold, prefers final checkpoints, and leaves fold_all out beside numbered folds', async () => {
    const checkpoint = makeCheckpoint({ weights });
    const path = write(
      nnunetFiles({
        'fold_0/checkpoint_final.pth': checkpoint,
        'fold_0/checkpoint_best.pth': new Uint8Array([1]),
        'fold_1/checkpoint_best.pth': checkpoint,
        'fold_all/checkpoint_final.pth': checkpoint,
        LICENSE: new TextEncoder().encode('The whole licence'),
      }),
    );
    const { networks, licence, model } = await readModel(path);
    expect(networks).toHaveLength(2);
    expect([licence, model.licence]).toEqual(['The whole licence', 'The whole licence']);
  });

  it('takes the configuration from the folder name or from the caller', async () => {
    const plans = makePlans();
    const configurations = plans['configurations'] as Record<string, object>;
    const both = {
      ...plans,
      configurations: {
        ...configurations,
        '3d_lowres': { ...configurations['3d_fullres'], spacing: [4, 4, 4] },
      },
    };
    const low = nnunetFiles({
      'plans.json': json(both),
      'fold_0/checkpoint_final.pth': makeCheckpoint({ weights, configuration: '3d_lowres' }),
    });
    const root = write(inFolder('nnUNetTrainer__nnUNetPlans__3d_lowres', low));
    expect((await readModel(root)).model.spacingMm).toEqual([4, 4, 4]);
    expect((await readModel(write(low), { configuration: '3d_lowres' })).model.spacingMm).toEqual([4, 4, 4]);
    expect(await refusal(write(low))).toMatch(/of configuration 3d_lowres, not 3d_fullres/);
  });

  it.each<[string, RegExp, Files]>([
    [
      'an unknown reader',
      /Tiff3DIO/,
      { 'plans.json': json({ ...makePlans(), image_reader_writer: 'Tiff3DIO' }) },
    ],
    [
      'a reader that dataset.json overrides',
      /NaturalImage2DIO/,
      { 'dataset.json': json({ ...tinyDataset, overwrite_image_reader_writer: 'NaturalImage2DIO' }) },
    ],
    [
      'an unknown trainer',
      /STUNetTrainer/,
      { 'fold_0/checkpoint_final.pth': makeCheckpoint({ weights, trainerName: 'STUNetTrainer' }) },
    ],
    [
      'an unknown normalisation',
      /MyNormalization/,
      { 'plans.json': json(makePlans({ normalization_schemes: ['MyNormalization'] })) },
    ],
    ['absurd sizes', /patch_size/, { 'plans.json': json(makePlans({ patch_size: [1e9, 1e9, 1e9] })) }],
    ['plans that are not JSON', /plans\.json is not JSON/, { 'plans.json': Uint8Array.of(0x7b) }],
    [
      'a checkpoint that is no zip',
      /fold_0\/checkpoint_final\.pth: it is not a zip/,
      { 'fold_0/checkpoint_final.pth': new Uint8Array(100) },
    ],
    [
      'a checkpoint that pickles os.system',
      /os\.system/,
      {
        'fold_0/checkpoint_final.pth': makeCheckpoint({
          weights,
          extra: Uint8Array.from(
            new Pickle().global('os', 'system').text('touch /tmp/hacked').op(0x85, 0x52).bytes,
          ),
        }),
      },
    ],
    [
      'folds that mirror differently',
      /do not agree/,
      { 'fold_1/checkpoint_final.pth': makeCheckpoint({ weights, mirrorAxes: [0] }) },
    ],
  ])('refuses %s', async (_, message, change) => {
    expect(await refusal(write(nnunetFiles(change)))).toMatch(message);
  });

  it('refuses folders without a model, with two, and paths that do not exist', async () => {
    const { 'fold_0/checkpoint_final.pth': _, ...noFold } = nnunetFiles();
    expect(await refusal(write(noFold))).toMatch(/no fold_X/);
    expect(await refusal(write({ 'a.txt': json('a') }))).toMatch(/neither an nnU-Net model/);
    const two = {
      ...inFolder('a__b__3d_fullres', nnunetFiles()),
      ...inFolder('c__d__3d_fullres', nnunetFiles()),
    };
    expect(await refusal(write(two))).toMatch(/several models/);
    expect(await refusal(join(tempDir(), 'gone'))).toMatch(/ENOENT/);
    expect(await refusal(join(write({ 'model.pth': json(1) }), 'model.pth'))).toMatch(/neither a folder/);
  });

  it('refuses zips that reach outside, are bombs, or are damaged, and leaves no file behind', async () => {
    const before = scratchFolders();
    const files = nnunetFiles();
    const outside = writeZip({ ...files, '../../evil.txt': json('evil') });
    expect(await refusal(outside)).toMatch(/zip/);
    expect(existsSync(join(dirname(outside), '../../evil.txt'))).toBe(false);
    const bomb = { ...files, 'fold_0/checkpoint_final.pth': new Uint8Array(32 * 2 ** 20) };
    expect(await refusal(writeZip(bomb))).toMatch(/claims to unpack to 33554432 bytes/);
    const stored = zipSync(files, { level: 0 });
    const at = Buffer.from(stored).indexOf('patch_size');
    stored[at] = 0x50;
    const path = join(tempDir(), 'damaged.zip');
    writeFileSync(path, stored);
    expect(await refusal(path)).toMatch(/plans\.json is damaged/);
    expect(scratchFolders()).toEqual(before);
  });

  it('refuses a checkpoint cut off anywhere, and one with a changed weight', async () => {
    const whole = makeCheckpoint({ weights });
    const path = write(nnunetFiles());
    const file = join(path, 'fold_0/checkpoint_final.pth');
    for (let tenth = 0; tenth < 10; tenth++) {
      writeFileSync(file, whole.subarray(0, Math.floor((whole.length * tenth) / 10)));
      expect(await refusal(path)).toMatch(/checkpoint_final\.pth/);
    }
    const changed = whole.slice();
    changed[Math.floor(whole.length / 3)] ^= 1;
    writeFileSync(file, changed);
    expect(await refusal(path)).toMatch(/checksum is wrong|damaged/);
  });

  it('reads or refuses a model with flipped bytes, and never fails otherwise', async () => {
    const files = nnunetFiles();
    const path = write(files);
    const names = Object.keys(files);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (name, at, mask) => {
          const bytes = files[name]!.slice();
          bytes[at % bytes.length] ^= mask;
          writeFileSync(join(path, name), bytes);
          try {
            await readModel(path);
          } catch (error) {
            if (!(error instanceof AppFailure)) throw error;
          } finally {
            writeFileSync(join(path, name), files[name]!);
          }
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });
});

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
    const folder = write(files());
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
    const path = write({ 'a.onnx': network(), 'm.json': json({ ...manifest, network: 'a.onnx' }) });
    expect((await readModel(path)).parameters).toBe(81);
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
    ['an empty file', /no graph/, { 'm.onnx': new Uint8Array() }],
    ['a manifest that is no manifest', /manifest is not valid at format/, { 'm.json': json({}) }],
  ])('refuses %s', async (_, message, change) => {
    expect(await refusal(write(files(change)))).toMatch(message);
  });

  it('refuses a network without its manifest, and two models at once', async () => {
    const folder = write({ 'm.onnx': network() });
    expect(await refusal(join(folder, 'm.onnx'))).toMatch(/manifest m\.json is missing/);
    const two = write({ ...files(), 'n.onnx': network(), 'n.json': json(manifest) });
    expect(await refusal(two)).toMatch(/several models/);
    expect((await readModel(join(two, 'n.onnx'))).parameters).toBe(81);
  });
});

describe('the bundled model', () => {
  it('is read from resources', async () => {
    const { model, networks, parameters } = await readModel(
      new URL('../../resources/models/ct-tissue', import.meta.url).pathname,
    );
    expect(networks).toHaveLength(1);
    // 1,402,642 in all, less the two heads of deep supervision that inference leaves out (6 × 64 + 6 and 6 × 32 + 6).
    expect(parameters).toBe(1_402_642 - 390 - 198);
    expect(model.labels.map(({ name }) => name)).toEqual(['soft_tissue', 'fat', 'lung', 'bone', 'gas']);
  });
});

describeShared('real models', () => {
  it.each(['model5_gw_ae', 'model30chan18cls'])(
    'MeshNet %s with the manifest of our fixtures',
    async (name) => {
      const manifest = readFileSync(new URL(`../fixtures/meshnet/${name}.json`, import.meta.url));
      const bytes = readFileSync(join(sharedData, 'models/meshnet', `${name}.onnx`));
      const { model, networks } = await readModel(
        write({ [`${name}.onnx`]: bytes, [`${name}.json`]: manifest }),
      );
      expect(networks[0]!.length).toBe(bytes.length);
      expect(model.patch).toEqual([256, 256, 256]);
    },
  );

  it('the golden ResEnc model: two channels, regions, its own axis order', async () => {
    const { model } = await readModel(join(sharedData, 'golden/nnunet-model-new-plans'));
    expect(model).toMatchObject({
      orientation: 'SAR',
      transposeForward: [2, 0, 1],
      spacingMm: [5, 0.9, 0.9],
      mirrorAxes: [0, 1, 2],
      decision: { kind: 'regions', values: [1, 2, 3] },
      channels: [
        { name: 'T1', modality: 'MR', normalization: { kind: 'zscore', useMask: true } },
        { name: 'FLAIR', modality: 'MR', normalization: { kind: 'zscore', useMask: true } },
      ],
      resampling: { kind: 'nnunet', dataOrder: 3, dataOrderZ: 0, logitsOrder: 1, forceSeparateZ: null },
    });
  });
});
