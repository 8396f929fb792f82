import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withDatabase } from '../fixtures/dump-database.ts';
import { expectPlainWords } from '../fixtures/expect-refusal.ts';
import { tinyRecipe, writeLabelledImages, type LabelledImages } from '../fixtures/labelled-images.ts';
import { bundledStudy, runThinslice, startThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

function writeRecipe(change: object = {}): string {
  const path = join(tempDir(), 'recipe.json');
  writeFileSync(path, JSON.stringify({ ...tinyRecipe, ...change }));
  return path;
}

/** It takes no room on the disk. */
function hugeFile(): string {
  const path = join(tempDir(), 'huge.json');
  writeFileSync(path, '{}');
  truncateSync(path, 2 ** 31);
  return path;
}

const on = ({ images }: LabelledImages): string[] => images.flatMap((path) => ['--on', path]);

interface Report {
  readonly model: string;
  readonly sha256: string;
  readonly files: readonly string[];
  readonly bestScore: number;
  readonly card: {
    readonly recipe: { readonly parts: readonly { readonly image: string }[] };
    readonly losses: readonly number[];
    readonly judgements: readonly { readonly score: number }[];
    readonly data: readonly object[];
    readonly heldOut: readonly { readonly labels: readonly { readonly dice: number }[] }[];
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test('a trained model is stored with its card, written as it is imported, and the same to the byte again', async () => {
  const recipe = writeRecipe();
  const study = writeLabelledImages(tempDir(), 2);
  const order = ['models', 'train', recipe, ...on(study), '--labels', study.labels, '--threads', '2'];
  const [data, other, out, again] = [tempDir(), tempDir(), tempDir(), tempDir()];
  const train = async (into: string, folder: string) =>
    (await thinsliceJson([
      ...order,
      ...['--steps', '50', '--out', folder, '--data', into],
    ])) as unknown as Report;
  const { card, ...report } = await train(data, out);
  expect(meanOf(card.losses.slice(-10))).toBeLessThan(meanOf(card.losses.slice(0, 10)) - 0.5);
  expect(report.bestScore).toBeGreaterThan(card.judgements[0]!.score + 0.2);
  expect(card.data).toEqual([
    {
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      labels: expect.any(String),
      learn: 'all',
      holdOut: null,
    },
    {
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      labels: expect.any(String),
      learn: null,
      holdOut: 'all',
    },
  ]);
  for (const { dice } of card.heldOut[0]!.labels) expect(dice).toBeGreaterThan(0.5);
  const shown = await thinsliceJson(['models', 'show', report.model, '--data', data]);
  expect(shown['card']).toEqual(card);

  const second = await train(other, again);
  expect(second.sha256).toBe(report.sha256);
  for (const [index, file] of report.files.entries()) {
    expect(Buffer.compare(readFileSync(file), readFileSync(second.files[index]!)), file).toBe(0);
  }
  const elsewhere = tempDir();
  const imported = await thinsliceJson(['models', 'import', out, '--data', elsewhere]);
  expect(imported['model']).toMatchObject({ id: report.model, sha256: report.sha256 });
  const there = await thinsliceJson(['models', 'show', report.model, '--data', elsewhere]);
  expect(there['card']).toEqual(card);
});

test('killed while it learns, the same order goes on from its last checkpoint, and time is a limit', async () => {
  const study = writeLabelledImages(tempDir(), 2);
  const data = tempDir();
  const recipe = writeRecipe();
  const labels = ['--labels', study.labels];
  const order = ['models', 'train', recipe, ...on(study), ...labels, '--minutes', '0.1', '--data', data];
  await thinsliceJson(['models', 'list', '--data', data]); // makes the database
  const running = startThinslice(order);
  const count = (): unknown =>
    withDatabase(data, (db) => db.prepare('SELECT count(*) FROM trainings').pluck().get());
  const steps = (): number | undefined =>
    withDatabase(data, (db) => db.prepare('SELECT steps FROM trainings').pluck().get()) as number | undefined;
  while (steps() === undefined && running.child.exitCode === null) await sleep(20);
  running.child.kill('SIGKILL');
  await running.ended;
  const { code, stderr } = await runThinslice(order);
  expect(stderr).toMatch(/Going on after the \d+0 steps/);
  expect(stderr).toMatch(/Learning \d+\/1000 .*\d+ s left/);
  expect(code).toBe(0);
  expect(count()).toBe(0);
});

test('a rule labels a CT study, of which a part is held out', async () => {
  const recipe = writeRecipe({
    labels: { names: ['background', 'soft_tissue', 'fat', 'lung', 'bone', 'gas'], rule: 'ct-tissue' },
    training: { ...tinyRecipe.training, classWeights: [1, 1, 1, 1, 1, 1] },
    parts: [{ image: 'study', learn: { slices: [0, 39] }, holdOut: { slices: [44, 63] } }],
  });
  const folder = join(tempDir(), 'study');
  cpSync(bundledStudy, join(folder, 'dicom'), { recursive: true });
  // What somebody made of it is no image of its own.
  writeFileSync(join(folder, 'labels.nii.gz'), 'of another program');
  const order = ['models', 'train', recipe, '--on', folder, '--steps', '2', '--data', tempDir()];
  const { card } = (await thinsliceJson(order)) as unknown as Report;
  expect(card.data).toMatchObject([
    { labels: null, learn: { slices: [0, 39] }, holdOut: { slices: [44, 63] } },
  ]);
  // File names may be those of patients.
  expect(card.recipe.parts[0]!.image).toMatch(/^sha256:[0-9a-f]{64}$/);
  const labels = card.heldOut[0]!.labels as unknown as { name: string; referenceVoxels: number }[];
  const found = labels.filter(({ referenceVoxels }) => referenceVoxels > 0).map(({ name }) => name);
  expect(found).toEqual(expect.arrayContaining(['background', 'soft_tissue', 'fat', 'bone']));
});

test('what a recipe leaves out is not judged by either, and of the others no more than it allows', async () => {
  const study = writeLabelledImages(tempDir(), 3);
  const recipe = writeRecipe({
    parts: [{ image: 'ball-1.nii', learn: { slices: [0, 11] } }, { image: 'ball-2.nii' }],
  });
  const order = ['models', 'train', recipe, ...on(study), '--labels', study.labels, '--steps', '1'];
  const { card } = (await thinsliceJson([...order, '--data', tempDir()])) as unknown as Report;
  expect(card.data).toMatchObject([
    { learn: 'all', holdOut: null },
    { learn: null, holdOut: { slices: [0, 11] } },
  ]);
});

test.each<[string, (study: LabelledImages) => string[], RegExp]>([
  ['a recipe without end', ({ images }) => [hugeFile(), '--on', images[0]!], /too long for a recipe/],
  ['a recipe that is none', ({ images }) => [images[0]!, '--on', images[0]!], /it is not JSON/],
  [
    'a key that is wrong',
    (study) => [writeRecipe({ patch: [15, 16, 16] }), ...on(study)],
    /not valid at patch/,
  ],
  ['no rule and no labels', (study) => [writeRecipe(), ...on(study)], /--labels FOLDER/],
  [
    'one image alone',
    ({ images, labels }) => [writeRecipe(), '--on', images[0]!, '--labels', labels],
    /nothing to judge by/,
  ],
  [
    'an image that has no label map',
    ({ images, labels }) => [writeRecipe(), '--on', images[0]!, '--on', bundledStudy, '--labels', labels],
    /has no label map of .* \(study\.nii\.gz, or a DICOM SEG of its series\)/,
  ],
  [
    'a folder without images',
    ({ labels }) => [writeRecipe(), '--on', tempDir(), '--labels', labels],
    /no (usable )?(DICOM )?images/i,
  ],
  ['no image at all', ({ labels }) => [writeRecipe(), '--labels', labels], /nothing to judge by/],
])('%s is refused in words, and leaves no model', async (_, args, words) => {
  const study = writeLabelledImages(tempDir(), 2);
  const data = tempDir();
  const ended = await runThinslice(['models', 'train', ...args(study), '--steps', '2', '--data', data]);
  expectPlainWords(ended);
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toMatch(words);
  expect(withDatabase(data, (db) => db.prepare('SELECT count(*) FROM models').pluck().get())).toBe(0);
});
