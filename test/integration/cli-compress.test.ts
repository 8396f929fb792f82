import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { dumpDatabase, withDatabase } from '../fixtures/dump-database.ts';
import { bundledStudy, runThinslice, startThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
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
});

test('an unknown model or variant and a factor out of range are refused, each with its exit code', async () => {
  const data = tempDir();
  const { id } = await importBundled(data);
  const of = async (...args: string[]) => (await runThinslice([...args, '--data', data])).code;
  expect(await of('models', 'compress', 'no-such-model')).toBe(4);
  expect(await of('models', 'compress', id, '--df', '1.5')).toBe(2);
  expect(await of('segment', bundledStudy, '--model', id, '--variant', 'df-0.3')).toBe(4);
});

test('a budget is met, half precision is stored as half, and both say how they were made', async () => {
  const data = tempDir();
  const { id, variants } = await importBundled(data);
  const compress = ['models', 'compress', id, '--layers', 'cheaper', '--data', data];
  await thinsliceJson([...compress, '--budget', '40%']);
  const { model } = (await thinsliceJson([...compress, '--df', '0.5', '--precision', 'fp16'])) as {
    model: Model;
  };
  const budget = model.variants.find(({ name }) => name === 'share-40');
  expect(budget?.macs).toBeLessThanOrEqual(0.4 * variants[0].macs);
  expect(budget?.macs).toBeGreaterThan(0.3 * variants[0].macs);
  expect(budget?.recipe).toMatchObject({ ranks: { kind: 'budget', budget: { kind: 'share', share: 0.4 } } });

  const half = model.variants.find(({ name }) => name === 'df-0.5-cheaper-fp16');
  expect(half?.recipe).toMatchObject({ precision: 'fp16' });
  const bytes = withDatabase(data, (db) =>
    db
      .prepare(
        `SELECT size_bytes FROM blobs JOIN variant_networks USING (sha256) JOIN model_variants v ON v.id = variant_id
         WHERE v.name = 'df-0.5-cheaper-fp16'`,
      )
      .pluck()
      .get(),
  ) as number;
  expect(bytes).toBeLessThan(2.2 * (half?.parameters ?? 0));
  // It is for graphics cards: the processor is not given it, even by name.
  const args = ['--model', id, '--variant', 'df-0.5-cheaper-fp16', '--device', 'cpu', '--data', data];
  const refused = await runThinslice(['segment', bundledStudy, ...args]);
  expect(refused.code, refused.stderr).toBe(5);
});

test('orders that cannot be met are refused in words', async () => {
  const data = tempDir();
  const { id } = await importBundled(data);
  const refusal = async (...args: string[]) => {
    const { code, stderr } = await runThinslice(['models', 'compress', id, ...args, '--data', data]);
    expect(code, stderr).toBe(2);
    return stderr;
  };
  expect(await refusal('--precision', 'int8')).toMatch(/int8 is not made: on the CPU it is slower/);
  expect(await refusal('--method', 'aware')).toMatch(/needs images to calibrate on/);
  expect(await refusal('--calibrate', bundledStudy)).toMatch(/--method aware/);
  expect(await refusal('--budget', '40%', '--df', '0.5')).toMatch(/cannot be used with/);
  expect(await refusal('--budget', '12 parsecs')).toMatch(/parsecs/);
  expect(await refusal('--budget', '0.1%', '--layers', 'cheaper')).toMatch(
    /allows 0\.01408 GMAC for a patch, and the smallest ranks take 2\.\d+ GMAC/,
  );
});

test('Ctrl-C in the middle ends it as cancelled, with nothing stored and no engine that crashed', async () => {
  const data = tempDir();
  const { id } = await importBundled(data);
  const before = dumpDatabase(data);
  const { child, ended } = startThinslice(['models', 'compress', id, '--layers', 'cheaper', '--data', data]);
  let seen = '';
  child.stderr?.on('data', (text: string) => {
    const first = !seen.includes('Compressing');
    seen += text;
    if (first && seen.includes('Compressing')) child.kill('SIGINT');
  });
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(130);
  expect(stderr).not.toMatch(/terminate called|died/);
  expect(dumpDatabase(data)).toEqual(before);
});
