import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zipSync } from 'fflate';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeNiftiFile,
} from '../fixtures/cli-inputs.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { expectRefusal } from '../fixtures/expect-refusal.ts';
import { makeCheckpoint, makePlans, Pickle, tinyDataset, tinyNetwork } from '../fixtures/make-checkpoint.ts';
import { json, scratchFolders, writeFolder, writeZip, type Files } from '../fixtures/model-files.ts';
import { bundledStudy, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const { weights } = tinyNetwork();
const checkpointName = 'fold_0/checkpoint_final.pth';

function nnunetFiles(change: Files = {}): Files {
  return {
    'plans.json': json(makePlans()),
    'dataset.json': json(tinyDataset),
    [checkpointName]: makeCheckpoint({ weights }),
    ...change,
  };
}

/** A data folder in which a model is stored already: a refused one must leave it alone. */
async function storedModel(): Promise<{ readonly data: string; readonly model: string }> {
  const data = tempDir();
  const folder = writeModelFolder(join(tempDir(), 'm'), thresholdOnnx([1], 0), manifestOf([{ name: 'any' }]));
  const { model } = await thinsliceJson(['models', 'import', folder, '--data', data]);
  return { data, model: (model as { id: string }).id };
}

const refuses = (path: string, data: string, ...says: readonly (RegExp | string)[]) =>
  expectRefusal(['models', 'import', path], data, { code: 4, says: [path, ...says] });

describe('nnU-Net models that are no good', () => {
  it('never runs what a checkpoint pickles', async () => {
    const { data } = await storedModel();
    const marker = join(tempDir(), 'was-run');
    for (const [module, name] of [
      ['os', 'system'],
      ['posix', 'system'],
      ['builtins', 'exec'],
    ] as const) {
      const extra = Uint8Array.from(
        new Pickle().global(module, name).text(`touch ${marker}`).op(0x85, 0x52).bytes,
      );
      const folder = writeFolder(nnunetFiles({ [checkpointName]: makeCheckpoint({ weights, extra }) }));
      await refuses(folder, data, checkpointName, `${module}.${name}`);
    }
    expect(existsSync(marker)).toBe(false);
  });

  it('refuses a checkpoint cut at any tenth, in a folder or in a zip, and leaves no scratch files', async () => {
    const { data } = await storedModel();
    const before = scratchFolders();
    const whole = makeCheckpoint({ weights });
    for (let tenth = 0; tenth < 10; tenth++) {
      const files = nnunetFiles({
        [checkpointName]: whole.subarray(0, Math.floor((whole.length * tenth) / 10)),
      });
      await refuses(tenth % 2 === 0 ? writeFolder(files) : writeZip(files), data, checkpointName, /zip/);
    }
    expect(scratchFolders()).toEqual(before);
  });

  it.each<[string, RegExp, Files]>([
    [
      'a patch of absurd size',
      /patch_size/,
      { 'plans.json': json(makePlans({ patch_size: [1e9, 1e9, 1e9] })) },
    ],
    [
      'a patch that no machine holds',
      /patch_size.*larger than any machine/,
      { 'plans.json': json(makePlans({ patch_size: [2048, 2048, 2048] })) },
    ],
    ['absurd features', /features/, { 'plans.json': json(makePlans({ UNet_base_num_features: 1e12 })) }],
    ['a spacing of zero', /spacing/, { 'plans.json': json(makePlans({ spacing: [0, 1, 1] })) }],
    [
      'a thousand stages',
      /./,
      { 'plans.json': json(makePlans({ n_conv_per_stage_encoder: Array(1000).fill(1e6) })) },
    ],
    [
      'splines of order 2',
      /order 2/,
      { 'plans.json': json(makePlans({ resampling_fn_data_kwargs: { order: 2, force_separate_z: null } })) },
    ],
    ['plans that are no JSON', /plans\.json is not JSON/, { 'plans.json': Uint8Array.of(0x7b) }],
    ['no checkpoint', /fold_X/, { [checkpointName]: new Uint8Array(), 'fold_0/x': new Uint8Array() }],
  ])('refuses %s', async (_what, says, change) => {
    const { data } = await storedModel();
    const files = nnunetFiles(change);
    if (files['fold_0/x']) delete files[checkpointName];
    await refuses(writeFolder(files), data, says);
  });

  it('refuses a zip with names that point outside it, and writes nothing there', async () => {
    const { data } = await storedModel();
    const folder = tempDir();
    for (const name of ['../../escaped', '/escaped', 'a\\..\\..\\escaped']) {
      const path = join(folder, 'evil.zip');
      writeFileSync(path, zipSync({ ...nnunetFiles(), [name]: Uint8Array.of(1) }));
      await refuses(path, data, /name|path/);
    }
    for (const outside of [join(folder, '../escaped'), join(folder, '../../escaped'), '/escaped'])
      expect(existsSync(outside)).toBe(false);
  });
});

const image = ['d0', 'd1', 'd2'];

/** One node between an input and an output of those channels. */
function oneNode(
  opType: string,
  channelsIn: number,
  channelsOut: number,
  dims: readonly number[],
): Uint8Array {
  return writeOnnx(
    makeModel({
      name: 'odd',
      nodes: [makeNode(opType, ['image', 'w'], ['logits'])],
      initializers: [makeFloatTensor('w', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)))],
      inputs: [makeValueInfo('image', [1, channelsIn, ...image])],
      outputs: [makeValueInfo('logits', [1, channelsOut, ...image])],
    }),
  );
}

describe('ONNX models that are no good', () => {
  const whole = thresholdOnnx([1], 0);
  const good = manifestOf([{ name: 'any' }]);

  it.each<[string, RegExp, Uint8Array, Record<string, unknown>]>([
    ['a kernel of the wrong shape', /./, oneNode('Conv', 1, 2, [2, 3, 1, 1, 1]), good],
    ['a kernel of two dimensions', /./, oneNode('Conv', 1, 2, [2, 1, 1, 1]), good],
    ['more classes than labels', /2|3/, whole, { ...good, labels: ['background', 'a', 'b'] }],
    ['another number of channels', /channel|shape|1|2/, whole, manifestOf([{ name: 'a' }, { name: 'b' }])],
    ['an operator that nobody knows', /Frobnicate/, oneNode('Frobnicate', 1, 2, [2, 1, 1, 1, 1]), good],
    ['garbage', /./, new TextEncoder().encode('this is not protobuf, whatever its name says'), good],
    ['nothing in it', /./, new Uint8Array(), good],
    ['its second half missing', /./, whole.subarray(0, whole.length / 2), good],
    ['a manifest with an unknown key', /colour/, whole, { ...good, colour: 'red' }],
    ['a patch of absurd size', /patch/, whole, { ...good, patch: [1e9, 8, 8] }],
    ['splines of order 2', /dataOrder/, whole, { ...good, resampling: { dataOrder: 2, logitsOrder: 1 } }],
    ['a network outside its folder', /network/, whole, { ...good, network: '../../model.onnx' }],
  ])('refuses one with %s', async (_what, says, network, manifest) => {
    const { data } = await storedModel();
    await refuses(writeModelFolder(join(tempDir(), 'm'), network, manifest), data, says);
  });

  it('refuses what is no model at all', async () => {
    const { data } = await storedModel();
    const folder = writeModelFolder(join(tempDir(), 'm'), whole, good);
    await refuses(join(folder, 'gone.zip'), data, /no such file/);
    await refuses(bundledStudy, data, /neither an nnU-Net model .* nor an ONNX file/);
    await refuses(join(bundledStudy, 'slice-01.dcm'), data, /neither a folder nor/);
    writeFileSync(join(folder, 'alone.onnx'), whole);
    await refuses(join(folder, 'alone.onnx'), data, /alone\.json is missing/);
    writeFileSync(join(folder, 'x.zip'), 'no zip');
    await refuses(join(folder, 'x.zip'), data, /zip/);
  });
});

describe('a stored model whose weights were damaged', () => {
  it('is refused before the network sees it; removed and imported again it works', async () => {
    const { data, model } = await storedModel();
    const grid = axialGrid([8, 12, 16], [2, 2, 2]);
    const input = writeNiftiFile(
      join(tempDir(), 'scan.nii'),
      sample(grid, ([x]) => x),
      grid,
    );
    const stored = withDatabase(data, (db) => db.prepare('SELECT data FROM blobs').pluck().get() as Buffer);
    const damaged = Buffer.from(stored);
    damaged[damaged.length - 5]! ^= 1;
    withDatabase(data, (db) => db.prepare('UPDATE blobs SET data = ?').run(damaged));
    const says = [model, /damaged/, /SHA-256/, `thinslice models remove ${model}`];
    await expectRefusal(['segment', input, '--model', model], data, { code: 4, says });

    const folder = writeModelFolder(
      join(tempDir(), 'm'),
      thresholdOnnx([1], 0),
      manifestOf([{ name: 'any' }]),
    );
    await thinsliceJson(['models', 'remove', model, '--data', data]);
    await thinsliceJson(['models', 'import', folder, '--data', data]);
    expect(await thinsliceJson(['segment', input, '--model', model, '--data', data])).toHaveProperty(
      'result',
    );
  });
});
