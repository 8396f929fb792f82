import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sha256Hex } from '../../main/services/blob-store.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { createRandom } from '../fixtures/random.ts';
import { runThinslice, startThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { noiseImage, smallCompressedModel, smallNifti } from '../fixtures/small-model.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const random = createRandom(11);

const image = (): string => noiseImage(random);

const on = (paths: readonly string[]): string[] => paths.flatMap((path) => ['--on', path]);

test('a tuned variant is kept with what was measured before and after, and tells what it learnt from', async () => {
  const { data, id } = await smallCompressedModel(random);
  const order = ['models', 'tune', id, 'df-0.5-cheaper', ...on([image(), image(), image()])];
  const learnt = [...order, '--steps', '75', '--rate', '0.01', '--data', data];
  const { stdout, stderr } = await runThinslice([...learnt, '--json']);
  expect(stderr).toMatch(
    /Learning \d+\/1000 step \d+, loss -?\d\S*, agreement [01]\.\d\d, \d+ (s|min .*) left/,
  );
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({ variant: 'df-0.5-cheaper-tuned', from: 'df-0.5-cheaper' });
  const [judged] = report.images as { before: number; after: number }[];
  expect(judged!.after).toBeGreaterThan(judged!.before);
  const { model, fidelity } = (await thinsliceJson(['models', 'show', id, '--data', data])) as {
    model: { variants: { name: string; recipe: { tuned?: object; calibratedOn?: string[] } }[] };
    fidelity: { variant: string; mean: number | null }[];
  };
  const tuned = model.variants.find(({ name }) => name === 'df-0.5-cheaper-tuned')!;
  expect(tuned.recipe.tuned).toMatchObject({ from: 'df-0.5-cheaper', steps: 75, seed: 1 });
  expect(tuned.recipe.calibratedOn).toHaveLength(2);
  expect(fidelity.map(({ variant }) => variant)).toEqual(['df-0.5-cheaper', 'df-0.5-cheaper-tuned']);
  expect(withDatabase(data, (db) => db.prepare('SELECT count(*) FROM tunings').pluck().get())).toBe(0);
});

test('what became no better is not kept, and nothing of it stays', async () => {
  const { data, id } = await smallCompressedModel(random);
  const images = on([image(), image()]);
  const order = ['models', 'tune', id, 'df-0.5-cheaper', ...images, '--data', data];
  const report = await thinsliceJson([...order, '--steps', '1', '--rate', '1e-30']);
  expect(report.variant).toBeNull();
  const [judged] = report.images as { before: number; after: number }[];
  expect(judged!.after).toBe(judged!.before);
  withDatabase(data, (db) => {
    const count = (what: string) => db.prepare(`SELECT count(*) FROM ${what}`).pluck().get();
    expect(count(`model_variants WHERE name LIKE '%tuned%'`)).toBe(0);
    expect(count('tunings')).toBe(0);
    expect(count('evaluations')).toBe(0);
    expect(count(`audit WHERE event = 'model-tuned'`)).toBe(0);
  });
});

test('an image that a variant has not seen is held out before one that it learnt from, and both are said', async () => {
  const { data, id } = await smallCompressedModel(random);
  const [a, b] = [image(), image()];
  const steps = ['--steps', '75', '--rate', '0.01', '--data', data];
  await thinsliceJson(['models', 'tune', id, 'df-0.5-cheaper', ...on([a, b]), ...steps]);
  const from = 'df-0.5-cheaper-tuned';
  // It has learnt from a, and b would be learnt from if the last one were held out.
  const again = await thinsliceJson(['models', 'tune', id, from, ...on([b, a]), ...steps]);
  expect((again.images as { name: string }[]).map(({ name }) => name)).toEqual([basename(b)]);
  const flattered = ['models', 'tune', id, from, ...on([b]), '--hold-out', a, ...steps];
  const { variant } = await thinsliceJson(flattered);
  const calibrated = withDatabase(data, (db) =>
    db
      .prepare(
        `SELECT calibrated FROM evaluations JOIN model_variants v ON v.id = variant_id
         WHERE v.name = ? AND image_name = ?`,
      )
      .pluck()
      .all(variant, basename(a)),
  );
  expect(calibrated).toEqual([1]);
});

test('killed while it learns, the same order goes on from its last checkpoint', async () => {
  const { data, id } = await smallCompressedModel(random);
  const images = on([image(), image()]);
  const order = ['models', 'tune', id, 'df-0.5-cheaper', ...images, '--steps', '100', '--data', data];
  const running = startThinslice(order);
  const steps = (): number | undefined =>
    withDatabase(data, (db) => db.prepare('SELECT steps FROM tunings').pluck().get()) as number | undefined;
  while (steps() === undefined && running.child.exitCode === null) await sleep(20);
  running.child.kill('SIGKILL');
  await running.ended;
  const { code, stderr } = await runThinslice(order);
  expect(stderr).toMatch(/Going on after the (25|50|75|100) steps/);
  expect(code).toBe(0);
});

test('a variant learns from label maps, and is judged by them', async () => {
  const { data, id } = await smallCompressedModel(random);
  const [images, labels] = [tempDir(), tempDir()];
  const names = ['a.nii', 'b.nii', 'c.nii'];
  const drawn = names.map((name) => {
    const voxels = Uint8Array.from({ length: 20 * 18 * 22 }, () => Math.floor(256 * random()));
    smallNifti(voxels, join(images, name));
    return voxels.map((value) => (value > 170 ? 1 : value < 85 ? 2 : 0));
  });
  const [a, b, c] = drawn as [Uint8Array, Uint8Array, Uint8Array];
  smallNifti(a, join(labels, 'a.nii'));
  smallNifti(b, join(labels, 'b.nii'));
  const paths = on(names.map((name) => join(images, name)));
  const order = ['models', 'tune', id, 'df-0.5-cheaper', ...paths, '--labels', labels, '--data', data];
  const lacking = await runThinslice(order);
  expect(lacking).toMatchObject({ code: 2, stderr: expect.stringMatching(/has no label map of c\.nii/) });
  smallNifti(c, join(labels, 'c.nii'));
  const report = await thinsliceJson([...order, '--steps', '50', '--rate', '0.01']);
  expect(report).toMatchObject({ variant: 'df-0.5-cheaper-tuned', byLabels: true });
  const [judged] = report.images as { before: number; after: number }[];
  expect(judged!.after).toBeGreaterThan(judged!.before + 0.1);
  const stored = withDatabase(data, (db) =>
    db.prepare('SELECT reference, reference_path AS path FROM evaluations').all(),
  );
  const row = { reference: 'labelmap', path: join(labels, 'c.nii') };
  expect(stored).toEqual([row, row]);
  const recipeIn = async (folder: string) => {
    const { model } = (await thinsliceJson(['models', 'show', id, '--data', folder])) as {
      model: { variants: { name: string; recipe: { tuned?: { minutes?: number } } }[] };
    };
    return model.variants.find(({ name }) => name === 'df-0.5-cheaper-tuned')!.recipe;
  };
  const recipe = await recipeIn(data);
  const labelMaps = ['a.nii', 'b.nii'].map((name) => `sha256:${sha256Hex(readFileSync(join(labels, name)))}`);
  expect(recipe.tuned).toMatchObject({ byLabels: true, labelMaps, steps: 50 });
  expect(recipe.tuned!.minutes).toBeGreaterThan(0);
  const [pack, elsewhere] = [join(tempDir(), 'small.thinslice'), tempDir()];
  await thinsliceJson(['models', 'pack', id, '--out', pack, '--data', data]);
  await thinsliceJson(['models', 'import', pack, '--data', elsewhere]);
  expect(await recipeIn(elsewhere)).toEqual(recipe);
});

test('what cannot be tuned is refused in words', async () => {
  const { data, id } = await smallCompressedModel(random);
  const two = [...on([image(), image()]), '--data', data];
  const full = await runThinslice(['models', 'tune', id, 'full', '--steps', '20000', ...two]);
  expect(full).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/full network is what the others learn/),
  });
  const one = await runThinslice(['models', 'tune', id, 'df-0.5-cheaper', ...on([image()]), '--data', data]);
  expect(one).toMatchObject({ code: 2, stderr: expect.stringMatching(/two images at least/) });
  const never = await runThinslice(['models', 'tune', id, 'df-0.5-cheaper', '--steps', '0', ...two]);
  expect(never).toMatchObject({ code: 2, stderr: expect.stringMatching(/whole number from 1/) });
});
