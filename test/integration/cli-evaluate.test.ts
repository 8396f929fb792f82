import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { fidelityOf } from '../../main/services/fidelity.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { expectPlainWords } from '../fixtures/expect-refusal.ts';
import { bundledStudy, startThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const bundledModel = fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url));

interface Stored {
  readonly id: string;
  readonly variant: string;
  readonly reference: string;
  readonly calibrated: number;
}

async function exportedLabels(model: string, variant: string, data: string): Promise<Uint8Array> {
  const out = join(tempDir(), 'out');
  const options = ['--model', model, '--variant', variant, '--data', data, '--out', out];
  const { files } = await thinsliceJson(['segment', bundledStudy, ...options, '--format', 'nifti']);
  const [{ path }] = files as { path: string }[];
  return new Uint8Array(readNifti(gunzipSync(readFileSync(path))).volume.voxels);
}

/** By its definition, voxel by voxel: nothing of what is tested. */
function dice(a: Uint8Array, b: Uint8Array, value: number): number {
  const [inA, inB] = [a, b].map((labels) => labels.filter((label) => label === value).length);
  const inBoth = a.filter((label, i) => label === value && b[i] === value).length;
  return (2 * inBoth) / (inA + inB);
}

test('a cancelled evaluation keeps what is finished, and a variant differs by exactly what is stored', async () => {
  const data = tempDir();
  const { model } = await thinsliceJson(['models', 'import', bundledModel, '--data', data]);
  const { id } = model as { id: string };
  await thinsliceJson(['models', 'compress', id, '--df', '0.5,0.3', '--layers', 'cheaper', '--data', data]);

  const { child, ended } = startThinslice(['models', 'evaluate', id, '--data', data]);
  let seen = '';
  child.stderr!.on('data', (text: string) => {
    const before = seen.includes('Stored:');
    seen += text;
    if (!before && seen.includes('Stored:')) child.kill('SIGINT');
  });
  const cancelled = await ended;
  expectPlainWords(cancelled);
  expect(cancelled.code, cancelled.stderr).toBe(130);
  const stored = withDatabase(data, (db) => ({
    evaluations: db
      .prepare(
        `SELECT evaluations.id, name AS variant, reference, calibrated
         FROM evaluations JOIN model_variants ON variant_id = model_variants.id`,
      )
      .all() as Stored[],
    // Neither results nor jobs.
    traces: ['results', 'jobs', 'job_slabs'].map(
      (table) => db.prepare(`SELECT * FROM ${table}`).all().length,
    ),
    labels: db
      .prepare(`SELECT value, dice, missing_in AS missingIn FROM evaluation_labels ORDER BY value`)
      .all() as { value: number; dice: number; missingIn: string }[],
    fidelity: fidelityOf(db, `${id}/df-0.5-cheaper`),
    fidelityOfOther: fidelityOf(db, `${id}/df-0.3-cheaper`),
  }));
  expect(stored.evaluations).toMatchObject([{ variant: 'df-0.5-cheaper', reference: 'full', calibrated: 0 }]);
  expect(stored.traces).toEqual([0, 0, 0]);
  expect(stored.fidelityOfOther).toBeNull();

  const full = await exportedLabels(id, 'full', data);
  const variant = await exportedLabels(id, 'df-0.5-cheaper', data);
  const expected = [1, 2, 3, 4, 5].map((value) => dice(full, variant, value));
  // Rounding of one division and of a sum of five.
  expect(stored.labels.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
  stored.labels.forEach((label, i) => expect(label.dice).toBeCloseTo(expected[i], 12));
  expect(stored.fidelity).toBeCloseTo(expected.reduce((sum, each) => sum + each, 0) / 5, 12);
  // The variant is another network than the full one.
  expect(stored.fidelity).toBeLessThan(0.999);
});
