import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { labelCtTissue } from '../../main/core/label-rules/label-ct-tissue.ts';
import { toRulesGrid } from '../../main/core/label-rules/to-rules-grid.ts';
import { readTrainRecipe } from '../../main/core/learn/recipe/train-recipe.ts';
import { diceByLabel } from '../../main/core/segment/6-measure/dice.ts';
import type { VolumeSource } from '../../main/contract/engine-protocol.ts';
import { loadVolume } from '../../main/engine/load-volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { readModel } from '../../main/services/read-model.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { nearestLabels } from '../fixtures/nearest-labels.ts';
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

describeShared('the bundled model, on scans that it did not learn from', () => {
  const nifti: VolumeSource = { kind: 'nifti', path: `${sharedData}/ct/ts-nifti/example_ct_sm.nii.gz` };
  const dicom = async (): Promise<VolumeSource> => {
    const { studies } = await scanFolder(`${sharedData}/ct/ts-dicom-j2k`);
    return { kind: 'dicom', modality: 'CT', volume: studies[0]!.series[0]!.volumes[0]! };
  };

  /** Dice of each label with the rules on their grid, voxels taken from the nearest. */
  async function overlapOf(folder: string, source: VolumeSource): Promise<ReadonlyMap<number, number>> {
    const volume = await loadVolume(source, { pool });
    const { hu, shapeZyx, top } = toRulesGrid(volume);
    const device = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
    const { model, networks } = await readModel(folder);
    const request = {
      jobId: 'job',
      model,
      networks,
      channels: [source],
      device,
      threads: 0,
      finishedSlabs: [],
    };
    const context = { pool, signal: new AbortController().signal, send: () => undefined };
    const { labelsGz } = await runSegmentJob(request, context);
    const labels = nearestLabels(gunzipSync(labelsGz), volume.grid.shapeZyx, shapeZyx);
    const found = diceByLabel(labelCtTissue(hu, shapeZyx, top), labels);
    return new Map(found.map(({ value, dice }) => [value, dice]));
  }

  it.each([
    ['slices of a patient that it learnt from', () => nifti, [0, 1, 2, 3, 4, 5], 0.9],
    // There is no lung.
    ['a few slices of another patient', dicom, [0, 1, 2, 4, 5], 0.74],
  ])(
    'overlaps with the rules as the network that torch had trained does, or more: %s',
    async (_, read, values, leastGas) => {
      const source = await read();
      const given = await overlapOf(`${sharedData}/models/ct-tissue-nnunet`, source);
      const ours = await overlapOf(bundled, source);
      // What was measured: a floor of the given network's would be far below it.
      expect(ours.get(5)).toBeGreaterThan(leastGas);
      for (const value of values) {
        expect(ours.get(value), `label ${value}`).toBeGreaterThan(given.get(value)! - 0.01);
      }
    },
  );
});
