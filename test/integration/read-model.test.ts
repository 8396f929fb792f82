import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import { readModel } from '../../main/services/read-model.ts';
import { makeCheckpoint, makePlans, Pickle, tinyDataset, tinyNetwork } from '../fixtures/make-checkpoint.ts';
import {
  inFolder,
  json,
  refusal,
  scratchFolders,
  writeFolder,
  writeZip,
  type Files,
} from '../fixtures/model-files.ts';
import { runOnnx } from '../fixtures/run-onnx.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const { weights } = tinyNetwork();
const modelFolder = 'nnUNetTrainer__nnUNetPlans__3d_fullres';

function nnunetFiles(change: Files = {}): Files {
  return {
    'plans.json': json(makePlans()),
    'dataset.json': json(tinyDataset),
    'fold_0/checkpoint_final.pth': makeCheckpoint({ weights, mirrorAxes: [0, 1, 2] }),
    ...change,
  };
}

describe('reading an nnU-Net model', () => {
  it('reads the same from every place it may lie in', async () => {
    const files = nnunetFiles();
    const dataset = inFolder('Dataset777_Tiny', inFolder(modelFolder, files));
    const before = scratchFolders();
    const models = await Promise.all(
      [
        writeFolder(files),
        join(writeFolder(dataset), 'Dataset777_Tiny', modelFolder),
        join(writeFolder(dataset), 'Dataset777_Tiny'),
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
    const path = writeFolder(
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
    const root = writeFolder(inFolder('nnUNetTrainer__nnUNetPlans__3d_lowres', low));
    expect((await readModel(root)).model.spacingMm).toEqual([4, 4, 4]);
    expect((await readModel(writeFolder(low), { configuration: '3d_lowres' })).model.spacingMm).toEqual([
      4, 4, 4,
    ]);
    expect(await refusal(writeFolder(low))).toMatch(/of configuration 3d_lowres, not 3d_fullres/);
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
      'logits resampled with splines',
      /logits are resampled with order 3/,
      {
        'plans.json': json(
          makePlans({ resampling_fn_probabilities_kwargs: { order: 3, force_separate_z: null } }),
        ),
      },
    ],
    [
      'images resampled with splines of order 2',
      /images are resampled with order 2/,
      {
        'plans.json': json(makePlans({ resampling_fn_data_kwargs: { order: 2, force_separate_z: null } })),
      },
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
    expect(await refusal(writeFolder(nnunetFiles(change)))).toMatch(message);
  });

  it('takes TotalSegmentator networks to be resampled by its own rule', async () => {
    const json291 = json({
      ...makePlans(),
      dataset_name: 'Dataset291_TotalSegmentator_part1_organs_1559subj',
    });
    const { model } = await readModel(writeFolder(nnunetFiles({ 'plans.json': json291 })));
    expect(model.resampling).toEqual({ kind: 'totalsegmentator', dataOrder: 3 });
  });

  it('picks the configuration that is asked for where a dataset has several', async () => {
    const files = inFolder('a__b__3d_fullres', nnunetFiles());
    const path = writeFolder({ ...files, ...inFolder('a__b__3d_lowres', nnunetFiles()) });
    expect((await readModel(path, { configuration: '3d_fullres' })).networks).toHaveLength(1);
  });

  it('refuses folders without a model, with two, and paths that do not exist', async () => {
    const { 'fold_0/checkpoint_final.pth': _, ...noFold } = nnunetFiles();
    expect(await refusal(writeFolder(noFold))).toMatch(/no fold_X/);
    expect(await refusal(writeFolder({ 'a.txt': json('a') }))).toMatch(/neither an nnU-Net model/);
    const two = {
      ...inFolder('a__b__3d_fullres', nnunetFiles()),
      ...inFolder('c__d__3d_fullres', nnunetFiles()),
    };
    expect(await refusal(writeFolder(two))).toMatch(/several models/);
    expect(await refusal(join(tempDir(), 'gone'))).toMatch(/ENOENT/);
    expect(await refusal(join(writeFolder({ 'model.pth': json(1) }), 'model.pth'))).toMatch(
      /neither a folder/,
    );
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
    const path = writeFolder(nnunetFiles());
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
    const path = writeFolder(files);
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

describe('the bundled model', () => {
  it('is read from resources', async () => {
    const { model, networks, parameters } = await readModel(
      fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url)),
    );
    expect(networks).toHaveLength(1);
    // 1,402,642 in all, less the two heads of deep supervision that inference leaves out (6 × 64 + 6 and 6 × 32 + 6).
    // Less the norms: a weight and a bias for each channel of 14 convolutions.
    expect(parameters).toBe(1_402_642 - 390 - 198 - 2 * 704);
    expect(model.labels.map(({ name }) => name)).toEqual(['soft_tissue', 'fat', 'lung', 'bone', 'gas']);
  });
});

describeShared('a real model', () => {
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
