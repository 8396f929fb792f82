import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';
import { axialGrid, manifestOf, sample, writeModelFolder, writeNiftiFile } from '../fixtures/cli-inputs.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { makeCheckpoint, makePlans, tinyDataset, tinyNetwork } from '../fixtures/make-checkpoint.ts';
import { inFolder, json, writeFolder, writeZip, type Files } from '../fixtures/model-files.ts';
import { bundledStudy, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const bundledModel = fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url));

interface Model {
  readonly id: string;
  readonly sha256: string;
  readonly source: string;
  readonly licence: string;
  readonly recipe: { readonly patch: readonly number[]; readonly spacingMm: readonly number[] };
  readonly variants: readonly { readonly name: string; readonly parameters: number; readonly macs: number }[];
}

async function importModel(path: string, data: string, ...options: readonly string[]): Promise<Model> {
  const { model } = await thinsliceJson(['models', 'import', path, '--data', data, ...options]);
  return model as Model;
}

async function listModels(data: string): Promise<readonly Model[]> {
  const { models } = await thinsliceJson(['models', 'list', '--data', data]);
  return models as Model[];
}

function filesOf(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path)];
    }),
  );
}

/** 1,402,642 of its README, less the two heads of deep supervision: 64 and 32 features to 6 classes. */
const parameters = 1_402_642 - (64 * 6 + 6) - (32 * 6 + 6);

describeShared('an nnU-Net folder', () => {
  it('is the same model in a zip', async () => {
    const folder = join(sharedData, 'models/ct-tissue-nnunet');
    const data = tempDir();
    const model = await importModel(folder, data);
    const zip = writeZip(inFolder('Dataset901_CTTissueDemo', filesOf(folder)));
    expect(await importModel(zip, data)).toEqual(model);
    expect(await listModels(data)).toEqual([model]);
    expect(model.source).toMatch(/Dataset901_CTTissueDemo, nnUNetTrainerNoMirroring/);
    expect(model.variants).toMatchObject([{ name: 'full', parameters }]);
  });
});

describe('models', () => {
  it('imports the bundled folder and a zip of it as one model, and shows all of it', async () => {
    const data = tempDir();
    const model = await importModel(bundledModel, data);
    expect(await importModel(writeZip(filesOf(bundledModel)), data)).toEqual(model);
    expect(await listModels(data)).toEqual([model]);
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(model.source).toBe('trained with Thinslice by the recipe CT tissue');
    expect(model.recipe).toMatchObject({
      patch: [64, 64, 64],
      spacingMm: [3, 3, 3],
      channels: [{ modality: 'CT' }],
    });
    // A weight and a bias for each channel of the given one's norms.
    expect(model.variants).toMatchObject([{ name: 'full', parameters: parameters - 2 * 704 }]);

    const shown = await runThinslice(['models', 'show', model.id, '--data', data]);
    expect(shown.code).toBe(0);
    for (const words of [
      model.sha256,
      model.source,
      '1.40 M parameters',
      '64 × 64 × 64',
      'SCT 39607008 Lung',
    ])
      expect(shown.stdout).toContain(words);
    const listed = await runThinslice(['models', 'list', '--data', data]);
    expect(listed.stdout.split('\n')).toHaveLength(3);
    expect(listed.stdout).toContain(model.id);
  });

  it('removes a model with its weights; a result made with it stays, and can be exported', async () => {
    const data = tempDir();
    const folder = writeModelFolder(
      join(tempDir(), 'm'),
      tinyNetworkOnnx({ classes: 2 }),
      manifestOf([{ name: 'any' }], { source: 'a test' }),
    );
    const model = await importModel(join(folder, 'model.onnx'), data);
    expect(model).toMatchObject({ source: 'a test', licence: 'made by a test' });
    const grid = axialGrid([8, 16, 16], [2, 2, 2]);
    const input = writeNiftiFile(
      join(tempDir(), 'i.nii'),
      sample(grid, ([x]) => x),
      grid,
    );
    const { result } = await thinsliceJson(['segment', input, '--model', model.id, '--data', data]);

    expect(await thinsliceJson(['models', 'remove', model.id, '--data', data])).toMatchObject({
      removed: model.id,
    });
    expect(await listModels(data)).toEqual([]);
    const blobs = withDatabase(data, (db) => db.prepare('SELECT sha256 FROM blobs').pluck().all());
    const labelmaps = withDatabase(data, (db) => db.prepare('SELECT labelmap FROM results').pluck().all());
    expect(blobs).toEqual(labelmaps);
    const gone = await runThinslice(['segment', input, '--model', model.id, '--data', data]);
    expect(gone).toMatchObject({ code: 4, stderr: expect.stringContaining(model.id) });
    const out = tempDir();
    const { files } = await thinsliceJson([
      'results',
      'export',
      String(result),
      '--data',
      data,
      '--out',
      out,
    ]);
    expect(files).toHaveLength(4);
  });

  it('takes the configuration that is named', async () => {
    const data = tempDir();
    const { weights } = tinyNetwork();
    const model = (configuration: string, spacing: readonly number[]): Files => {
      const plans = makePlans({ spacing });
      const { '3d_fullres': settings } = plans['configurations'] as Record<string, unknown>;
      return inFolder(`nnUNetTrainer__nnUNetPlans__${configuration}`, {
        'plans.json': json({ ...plans, configurations: { [configuration]: settings } }),
        'dataset.json': json(tinyDataset),
        'fold_0/checkpoint_final.pth': makeCheckpoint({ weights, configuration }),
      });
    };
    const zip = writeZip({ ...model('3d_fullres', [2, 1.5, 1.5]), ...model('3d_lowres', [4, 3, 3]) });
    expect((await importModel(zip, data, '--configuration', '3d_lowres')).recipe.spacingMm).toEqual([
      4, 3, 3,
    ]);
    expect((await importModel(zip, data, '--configuration', '3d_fullres')).recipe.spacingMm).toEqual([
      2, 1.5, 1.5,
    ]);
    const ambiguous = await runThinslice(['models', 'import', zip, '--data', data]);
    expect(ambiguous).toMatchObject({ code: 4, stderr: expect.stringMatching(/several models/) });
    const single = writeFolder(model('3d_fullres', [2, 2, 2]));
    const unknown = await runThinslice(['models', 'import', single, '--configuration', '2d', '--data', data]);
    expect(unknown).toMatchObject({ code: 4, stderr: expect.stringMatching(/no configuration 2d/) });
  });
});

describe('studies', () => {
  it('lists the bundled study, as a table and as JSON', async () => {
    const data = tempDir();
    const text = await runThinslice(['studies', bundledStudy, '--data', data]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^CT +Computed phantom, not a patient +64 +3 × 1\.8 × 1\.8 +ok: 64 slices/m);
    expect(text.stdout).toMatch(/64 DICOM files read, 0 other files skipped\./);
    const scan = await thinsliceJson(['studies', bundledStudy, '--data', data]);
    expect(scan).toMatchObject({
      folder: bundledStudy,
      filesRead: 64,
      filesSkipped: 0,
      problems: [],
      studies: [
        {
          patientId: 'PHANTOM-1',
          series: [
            { modality: 'CT', volumes: [{ slices: 64, assembly: 'stack', verdict: { outcome: 'ok' } }] },
          ],
        },
      ],
    });
  });
});
