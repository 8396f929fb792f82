import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { labelCtTissue } from '../../main/core/label-rules/label-ct-tissue.ts';
import { toRulesGrid } from '../../main/core/label-rules/to-rules-grid.ts';
import { readTrainRecipe } from '../../main/core/learn/recipe/train-recipe.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { diceByLabel } from '../../main/core/segment/6-measure/dice.ts';
import { createPool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { readModel } from '../../main/services/read-model.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const resources = fileURLToPath(new URL('../../resources', import.meta.url));
const bundled = `${resources}/models/ct-tissue`;

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

it('the bundled model was made by the recipe that comes with it', async () => {
  const { card } = await readModel(bundled);
  const recipe: unknown = JSON.parse(readFileSync(`${resources}/recipes/ct-tissue.json`, 'utf8'));
  expect(card!.recipe).toEqual(readTrainRecipe(recipe));
  expect(card!.limits).toEqual({ steps: card!.steps, minutes: null });
});

describeShared('the bundled model, on slices that it did not learn from', () => {
  const path = `${sharedData}/ct/ts-nifti/example_ct_sm.nii.gz`;
  const { hu, shapeZyx, top } = toRulesGrid(readNifti(gunzipSync(readFileSync(path))).volume);
  const byRule = labelCtTissue(hu, shapeZyx, top);

  async function overlapOf(folder: string): Promise<readonly number[]> {
    const device = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
    const { model, networks } = await readModel(folder);
    const channels = [{ kind: 'nifti', path }] as const;
    const request = { jobId: 'job', model, networks, channels, device, threads: 0, finishedSlabs: [] };
    const context = { pool, signal: new AbortController().signal, send: () => undefined };
    const { labelsGz } = await runSegmentJob(request, context);
    return diceByLabel(byRule, gunzipSync(labelsGz)).map(({ dice }) => dice);
  }

  it('overlaps with the rules as the network does that nnU-Net’s way of learning gave, label by label', async () => {
    const given = await overlapOf(`${sharedData}/models/ct-tissue-nnunet`);
    const ours = await overlapOf(bundled);
    expect(given).toHaveLength(6);
    ours.forEach((dice, label) => expect(dice, `label ${label}`).toBeGreaterThan(given[label]! - 0.01));
  });
});
