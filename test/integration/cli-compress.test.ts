import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { bundledStudy, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const bundledModel = fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url));

interface Model {
  readonly id: string;
  readonly variants: readonly {
    readonly name: string;
    readonly parameters: number;
    readonly macs: number;
    readonly recipe: Readonly<Record<string, unknown>>;
  }[];
}

/** A model folder whose networks are the bundled model's, in a database of the test's own. */
async function importBundled(data: string): Promise<Model> {
  const { model } = await thinsliceJson(['models', 'import', bundledModel, '--data', data]);
  return model as Model;
}

async function labelsOf(model: Model, variant: string, data: string): Promise<Uint8Array> {
  const out = join(tempDir(), 'out');
  const options = [
    '--model',
    model.id,
    '--variant',
    variant,
    '--format',
    'nifti',
    '--data',
    data,
    '--out',
    out,
  ];
  const report = await thinsliceJson(['segment', bundledStudy, ...options]);
  expect(report.model).toMatchObject({ variant });
  const [file] = report.files as { path: string }[];
  return new Uint8Array(readNifti(gunzipSync(readFileSync(file.path))).volume.voxels);
}

test('a ladder gets smaller rung by rung, is stored once, and its variants segment', async () => {
  const data = tempDir();
  const imported = await importBundled(data);
  const compress = [
    'models',
    'compress',
    imported.id,
    '--df',
    '0.9,0.5',
    '--layers',
    'cheaper',
    '--data',
    data,
  ];
  const { model } = (await thinsliceJson(compress)) as { model: Model };
  expect(model.variants.map(({ name }) => name)).toEqual(['full', 'df-0.9-cheaper', 'df-0.5-cheaper']);
  const sizes = model.variants.map(({ parameters, macs }) => [parameters, macs]);
  for (const [i, [parameters, macs]] of sizes.slice(1).entries()) {
    expect(parameters).toBeLessThan(sizes[i][0]);
    expect(macs).toBeLessThan(sizes[i][1]);
  }
  expect(model.variants[1].recipe).toMatchObject({
    kind: 'tucker',
    method: 'plain',
    ranks: { kind: 'factor', factor: 0.9, rankMin: 8 },
    layersChosen: 'cheaper',
    calibratedOn: [],
  });
  expect(((await thinsliceJson(compress)) as { model: Model }).model).toEqual(model);

  const full = await labelsOf(model, 'full', data);
  const variant = await labelsOf(model, 'df-0.9-cheaper', data);
  const agreement = full.reduce((same, label, i) => same + Number(label === variant[i]), 0) / full.length;
  // A network with a wrong layer agrees in the air around the patient at best (0.6 of the voxels).
  expect(agreement).toBeGreaterThan(0.95);
  expect(agreement).toBeLessThan(1);
}, 240_000);

test('an unknown model or variant and a factor out of range are refused, each with its exit code', async () => {
  const data = tempDir();
  const { id } = await importBundled(data);
  const of = async (...args: string[]) => (await runThinslice([...args, '--data', data])).code;
  expect(await of('models', 'compress', 'no-such-model')).toBe(4);
  expect(await of('models', 'compress', id, '--df', '1.5')).toBe(2);
  expect(await of('segment', bundledStudy, '--model', id, '--variant', 'df-0.3')).toBe(4);
});
