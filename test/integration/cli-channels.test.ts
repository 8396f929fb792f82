import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import type { Vec3 } from '../../main/core/volume/volume.ts';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeNiftiFile,
  writeSeries,
  type ChannelOf,
} from '../fixtures/cli-inputs.ts';
import { expectPlainWords, expectRefusal } from '../fixtures/expect-refusal.ts';
import { runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

/** Class 1 where T1 is below T2. */
const network = thresholdOnnx([-1, 1], 0);
const channels: readonly ChannelOf[] = [
  { name: 'T1', modality: 'MR' },
  { name: 'T2', modality: 'MR' },
];

// T2 lies on a grid of its own: finer, shifted by part of a voxel, larger than T1's.
const t1Grid = axialGrid([10, 20, 24], [2, 2, 2]);
const t2Grid = axialGrid([27, 30, 30], [1, 1.5, 1.75], [-2.5, -3, -1.5]);
// Linear, so that trilinear interpolation is exact; nowhere equal at a voxel centre.
const t1 = ([x, y, z]: Vec3) => 100 + x - y + 2 * z;
const t2 = ([x, y, z]: Vec3) => 94.3 + 2 * x + y - z;
const expected = Array.from(sample(t1Grid, (lps) => (t1(lps) < t2(lps) ? 1 : 0)));

async function importModel(data: string): Promise<string> {
  const folder = writeModelFolder(join(tempDir(), 'model'), network, manifestOf(channels));
  const { model } = await thinsliceJson(['models', 'import', folder, '--data', data]);
  return (model as { id: string }).id;
}

interface Output {
  readonly series: string | null;
  readonly files: readonly { readonly format: string; readonly path: string }[];
}

async function labelsOf(args: readonly string[]): Promise<readonly number[]> {
  const out = tempDir();
  const { files } = (await thinsliceJson([
    'segment',
    ...args,
    '--out',
    out,
    '--format',
    'nifti',
  ])) as unknown as Output;
  const { volume } = readNifti(Uint8Array.from(gunzipSync(readFileSync(files[0]!.path))));
  return Array.from(volume.voxels);
}

describe('a model of two channels', () => {
  it('reads NIfTI files on different grids', async () => {
    const folder = tempDir();
    const data = tempDir();
    const first = writeNiftiFile(join(folder, 't1.nii.gz'), sample(t1Grid, t1), t1Grid);
    const second = writeNiftiFile(join(folder, 't2.nii'), sample(t2Grid, t2), t2Grid);
    const model = await importModel(data);
    const common = ['--model', model, '--data', data];
    expect(await labelsOf([first, '--channel', `T2=${second}`, ...common])).toEqual(expected);
    // The first channel may be named like any other.
    expect(
      await labelsOf([folder, '--channel', `T2=${second}`, '--channel', `T1=${first}`, ...common]),
    ).toEqual(expected);
  });

  it('refuses NIfTI files that place themselves apart', async () => {
    const folder = tempDir();
    const data = tempDir();
    const far = { ...t2Grid, originLps: [400, 0, 0] as const };
    const first = writeNiftiFile(join(folder, 't1.nii.gz'), sample(t1Grid, t1), t1Grid);
    const second = writeNiftiFile(join(folder, 't2.nii'), sample(far, t2), far);
    const args = ['segment', first, '--channel', `T2=${second}`, '--model', await importModel(data)];
    const ended = await runThinslice([...args, '--data', data]);
    expectPlainWords(ended);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('T2');
    expect(ended.stderr).toContain('shares no part of the body with channel T1');
  });

  it('reads series of one frame of reference, by UID or by folder, and NIfTI beside DICOM', async () => {
    const folder = tempDir();
    const elsewhere = tempDir();
    const data = tempDir();
    // Stored values are whole numbers: a tenth of a unit for rounding keeps both sides of the threshold apart.
    const scaled = (value: (lps: Vec3) => number) => (lps: Vec3) => Math.round(10 * value(lps) + 1000);
    const uid1 = writeSeries(folder, {
      grid: t1Grid,
      voxels: sample(t1Grid, scaled(t1)),
      number: 1,
      modality: 'MR',
    });
    const t2OnT1 = sample(t1Grid, scaled(t2));
    const uid2 = writeSeries(folder, { grid: t1Grid, voxels: t2OnT1, number: 2, modality: 'MR' });
    writeSeries(elsewhere, { grid: t1Grid, voxels: t2OnT1, number: 2, modality: 'MR' });
    const nifti = writeNiftiFile(
      join(tempDir(), 't2.nii'),
      sample(t2Grid, (lps) => 10 * t2(lps) + 1000),
      t2Grid,
    );
    const common = ['--model', await importModel(data), '--data', data];
    const expectedOf = [
      // What is left for T1 once T2 is named is not in doubt.
      [folder, '--channel', `T2=${uid2}`],
      [folder, '--series', uid1, '--channel', `T2=${elsewhere}`],
      [folder, '--series', uid1, '--channel', `T2=${nifti}`],
    ];
    for (const args of expectedOf) expect(await labelsOf([...args, ...common])).toEqual(expected);
  });

  it('refuses what is missing, unknown, ambiguous, the same twice or in another frame of reference', async () => {
    const folder = tempDir();
    const strange = tempDir();
    const data = tempDir();
    const voxels = new Uint16Array(10 * 20 * 24);
    const uid1 = writeSeries(folder, { grid: t1Grid, voxels, number: 1, modality: 'MR' });
    const uid2 = writeSeries(folder, { grid: t1Grid, voxels, number: 2, modality: 'MR' });
    writeSeries(folder, { grid: t1Grid, voxels, number: 3, modality: 'MR' });
    writeSeries(strange, { grid: t1Grid, voxels, number: 4, modality: 'MR', frameOfReference: '1.2.3.99' });
    const nifti = writeNiftiFile(join(tempDir(), 't1.nii.gz'), sample(t1Grid, t1), t1Grid);
    const model = await importModel(data);
    const refused = async (args: readonly string[], code: number, says: readonly (RegExp | string)[]) =>
      expectRefusal(['segment', ...args, '--model', model], data, { code, says });

    const t1Given = [folder, '--series', uid1];
    await refused(t1Given, 3, [/Channel T2: it is missing.*T1, T2.*--channel T2=PATH/]);
    await refused([...t1Given, '--channel', `FLAIR=${uid2}`], 2, [/no channel FLAIR.*T1, T2/]);
    await refused([...t1Given, '--channel', `T2=${strange}`], 3, [
      /Channel T2/,
      /another frame of reference/,
    ]);
    await refused([...t1Given, '--channel', `T2=${uid1}`], 3, [/Channel T2: .*same volume as channel T1/]);
    await refused([folder, '--channel', `T2=${uid2}`], 3, [/Channel T1: 2 series of/, folder]);
    await refused([...t1Given, '--channel', 'T2=1.2.3.4.5'], 3, [/no series 1\.2\.3\.4\.5/]);
    await refused([...t1Given, '--channel', 'T2=no/such/file.nii'], 3, [/no\/such\/file\.nii: no such file/]);
    await refused([...t1Given, '--channel', `T2=${uid2}`, '--channel', `T1=${uid1}`], 2, [/both name/]);
    await refused([nifti, '--channel', `T2=${uid2}`], 2, [nifti, /no series/]);
    await refused([nifti, '--channel', `T2=${nifti}`], 3, [/same volume/]);
    await refused([folder, '--channel', 'T2'], 2, [/NAME=PATH/]);
    await refused([folder, '--channel', `T2=${uid2}`, '--channel', `T2=${uid1}`], 2, [/T2 is named twice/]);
  });
});
