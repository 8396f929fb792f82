import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSeg } from '../../main/core/dicom/seg/read-seg.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { readNiftiHeader } from '../../main/core/nifti/read-nifti-header.ts';
import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeNiftiFile,
} from '../fixtures/cli-inputs.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { expectPlainWords } from '../fixtures/expect-refusal.ts';
import { bundledStudy, runThinslice, startThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

interface Report {
  readonly job: string;
  readonly result: string;
  readonly series: string | null;
  readonly geometry: { readonly outcome: string; readonly description: string };
  readonly device: string;
  readonly stageSeconds: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: number;
  readonly files: readonly { readonly format: string; readonly path: string }[];
  readonly labels: readonly { readonly name: string; readonly voxels: number; readonly volumeMl: number }[];
  readonly notice: string;
}

const bytesOf = (path: string) => Uint8Array.from(readFileSync(path));
const allFormats = 'seg,seg-labelmap,nifti,csv,json,png';

async function importThreshold(data: string, bias: number): Promise<string> {
  const folder = writeModelFolder(
    join(tempDir(), 'm'),
    thresholdOnnx([1], bias),
    manifestOf([{ name: 'any' }]),
  );
  const { model } = await thinsliceJson(['models', 'import', folder, '--data', data]);
  return (model as { id: string }).id;
}

describe('segment, on the bundled study', () => {
  it('prints one JSON document, writes every format, and stores what results and jobs show', async () => {
    const out = tempDir();
    const data = tempDir();
    const args = ['segment', bundledStudy, '--data', data, '--out', out, '--format', allFormats, '--json'];
    const { code, stdout, stderr } = await runThinslice(args);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^Reading .*\n(.*\n)*Segmenting \d+\/\d+.*\n(.*\n)*Exporting 1\/1\n$/m);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({
      geometry: { outcome: 'ok', description: 'ok: 64 slices, 3 mm apart' },
      device: 'cpu',
      notice: 'Research use only. Not for clinical use.',
    });
    const stages = ['load', 'preprocess', 'predict', 'restore', 'measure', 'network', 'export'];
    expect(Object.keys(report.stageSeconds).sort()).toEqual(stages.sort());
    expect(report.peakMemoryBytes).toBeGreaterThan(2 ** 27);
    expect(report.labels.map(({ name }) => name)).toEqual(['soft_tissue', 'fat', 'lung', 'bone', 'gas']);

    expect(report.files.map(({ format }) => format).join()).toBe(allFormats);
    expect(readdirSync(out).sort()).toEqual(report.files.map(({ path }) => basename(path)).sort());
    const pathOf = new Map(report.files.map(({ format, path }) => [format, path]));
    const { labels } = readSeg(bytesOf(pathOf.get('seg-labelmap')!)).labelmap;
    const nifti = readNifti(Uint8Array.from(gunzipSync(bytesOf(pathOf.get('nifti')!))));
    expect(nifti.volume.voxels).toEqual(labels);
    const counts = report.labels.map((_, index) => labels.reduce((n, v) => n + (v === index + 1 ? 1 : 0), 0));
    expect(report.labels.map(({ voxels }) => voxels)).toEqual(counts);

    await expectStored(data, report);
    await expectSameExport(data, report);
  });

  it('cancels at Ctrl-C: exit code 130, a cancelled job, no file, and the next run is as ever', async () => {
    const out = tempDir();
    const data = tempDir();
    const args = ['segment', bundledStudy, '--data', data, '--out', out];
    const { child, ended } = startThinslice(args);
    let seen = '';
    child.stderr!.on('data', (text: string) => {
      if (!seen.includes('Segmenting') && (seen += text).includes('Segmenting')) child.kill('SIGINT');
    });
    const cancelled = await ended;
    expectPlainWords(cancelled);
    expect(cancelled.code).toBe(130);
    expect(cancelled.stderr).toMatch(/thinslice: Cancelled\.\n$/);
    expect(readdirSync(out)).toEqual([]);
    const { jobs } = (await thinsliceJson(['jobs', 'list', '--data', data])) as { jobs: { state: string }[] };
    expect(jobs.map(({ state }) => state)).toEqual(['cancelled']);
    withDatabase(data, (db) => {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      for (const table of ['results', 'result_labels', 'job_slabs'])
        expect(db.prepare(`SELECT * FROM ${table}`).all()).toEqual([]);
    });

    const again = (await thinsliceJson([...args, '--format', 'csv'])) as unknown as Report;
    expect(again.files).toHaveLength(1);
    expect(readdirSync(out)).toEqual([basename(again.files[0]!.path)]);
  });
});

/** What `results` and `jobs` say is what the run said. */
async function expectStored(data: string, report: Report): Promise<void> {
  const { results } = (await thinsliceJson(['results', 'list', '--data', data])) as { results: object[] };
  expect(results).toMatchObject([{ id: report.result, jobId: report.job, device: 'cpu' }]);
  const shown = await thinsliceJson(['results', 'show', report.result, '--data', data]);
  expect(shown).toMatchObject({ result: { id: report.result }, labels: report.labels, input: bundledStudy });
  const { jobs } = (await thinsliceJson(['jobs', 'list', '--data', data])) as { jobs: object[] };
  expect(jobs).toMatchObject([{ id: report.job, state: 'done', inputPath: bundledStudy }]);
  const asText = await runThinslice(['results', 'show', report.result, '--data', data]);
  expect(asText.stdout).toMatch(/Geometry +ok: 64 slices, 3 mm apart\n/);
  expect(asText.stdout).toMatch(/^ *3 +lung +\d+ +\d+\.\d +-\d+\.\d /m);
  expect(asText.stdout).toMatch(/Research use only/);
}

/** A later export has the bytes of the first one; a DICOM object, new identifiers and the same labels. */
async function expectSameExport(data: string, report: Report): Promise<void> {
  const out = join(tempDir(), 'made', 'when missing');
  const args = ['results', 'export', report.result, '--data', data, '--out', out, '--format', allFormats];
  const { files } = (await thinsliceJson(args)) as unknown as Report;
  expect(files.map(({ path }) => basename(path))).toEqual(report.files.map(({ path }) => basename(path)));
  for (const [index, { path }] of files.entries()) {
    const [now, then] = [bytesOf(path), bytesOf(report.files[index]!.path)];
    if (path.endsWith('.dcm')) expect(readSeg(now).labelmap).toEqual(readSeg(then).labelmap);
    else expect(Buffer.compare(now, then), path).toBe(0);
  }
}

describe('Ctrl-C twice', () => {
  it('ends at once, and what was done is not lost', async () => {
    const data = tempDir();
    const { child, ended } = startThinslice(['segment', bundledStudy, '--data', data]);
    let seen = '';
    child.stderr!.on('data', (text: string) => {
      const before = seen;
      seen += text;
      if (!before.includes('Segmenting') && seen.includes('Segmenting')) child.kill('SIGINT');
      if (!before.includes('Cancelling') && seen.includes('Cancelling')) child.kill('SIGINT');
    });
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(130);
    const { jobs } = (await thinsliceJson(['jobs', 'list', '--data', data])) as { jobs: { state: string }[] };
    // The engine may have been quicker than the second signal.
    expect(['interrupted', 'cancelled']).toContain(jobs[0]?.state);
    withDatabase(data, (db) => expect(db.pragma('integrity_check', { simple: true })).toBe('ok'));
  });
});

describe('segment, on NIfTI', () => {
  // Rows towards A, columns towards I, slices towards R, turned by half a degree: no axis is where DICOM has it.
  const tilt = (Math.PI / 180) * 0.5;
  const grid: Grid = {
    shapeZyx: [9, 12, 15],
    spacingZyxMm: [2, 2.5, 3],
    originLps: [12, 34, -56],
    directionsZyx: [
      [-1, 0, 0],
      [0, -Math.cos(tilt), -Math.sin(tilt)],
      [0, Math.sin(tilt), -Math.cos(tilt)],
    ],
  };
  const ramp = ([x, y, z]: Vec3) => x + y + z;
  const bias = 50.37;

  it.each(['scan.nii', 'Größe 山.nii.gz'])('keeps the placement of %s in its one labelmap', async (name) => {
    const out = tempDir();
    const data = tempDir();
    const input = writeNiftiFile(join(tempDir(), name), sample(grid, ramp), grid);
    const model = await importThreshold(data, bias);
    const report = (await thinsliceJson([
      'segment',
      input,
      '--model',
      model,
      '--data',
      data,
      '--out',
      out,
    ])) as unknown as Report;
    expect(report).toMatchObject({ series: null, geometry: { outcome: 'ok' } });
    expect(report.files.map(({ format }) => format)).toEqual(['nifti', 'csv', 'json', 'png']);
    const [labelmap, ...others] = readdirSync(out).filter((file) => file.endsWith('.nii.gz'));
    expect(others).toEqual([]);
    const written = Uint8Array.from(gunzipSync(bytesOf(join(out, labelmap!))));
    const read = bytesOf(input);
    const source = readNiftiHeader(name.endsWith('.gz') ? Uint8Array.from(gunzipSync(read)) : read);
    expect(readNiftiHeader(written).space).toEqual(source.space);
    // The model is given grids of 2 mm: within half a voxel of the threshold the resampled sum may fall on either side.
    const { voxels } = readNifti(written).volume;
    const wrong = sample(grid, ramp).filter(
      (value, i) => Math.abs(value + bias) > 4 && value + bias > 0 !== (voxels[i] === 1),
    );
    expect(wrong).toHaveLength(0);
    expect(new Set(voxels)).toEqual(new Set([0, 1]));
  });

  it('refuses a DICOM format and a series, in words', async () => {
    const data = tempDir();
    const input = writeNiftiFile(join(tempDir(), 'scan.nii'), sample(grid, ramp), grid);
    const model = await importThreshold(data, bias);
    const run = async (...args: readonly string[]) =>
      runThinslice(['segment', input, '--model', model, '--data', data, ...args]);
    const seg = await run('--out', tempDir(), '--format', 'seg');
    expect(seg).toMatchObject({ code: 2, stderr: expect.stringMatching(/seg needs a DICOM study/) });
    expect(await run('--series', '1.2.3')).toMatchObject({ code: 2, stderr: expect.stringContaining(input) });
    expect(await run('--format', 'csv')).toMatchObject({ code: 2, stderr: expect.stringMatching(/--out/) });
    expect(await run('--format', 'tiff', '--out', '.')).toMatchObject({ code: 2 });
    expect(await run('--device', 'abacus')).toMatchObject({ code: 2 });
    expect(await run('--threads', '-1')).toMatchObject({ code: 2 });
  });
});

describe('several processes on one new database', () => {
  it('each ends well, and the bundled model is stored once', async () => {
    const data = join(tempDir(), 'new');
    const grid = axialGrid([16, 20, 20], [3, 3, 3]);
    const input = writeNiftiFile(
      join(tempDir(), 'ct.nii.gz'),
      sample(grid, ([x]) => x * 20 - 500),
      grid,
    );
    const runs = await Promise.all(
      [1, 2, 3].map(() =>
        runThinslice(['segment', input, '--data', data, '--out', join(data, 'out'), '--json']),
      ),
    );
    for (const run of runs) expect(run.code, run.stderr).toBe(0);
    const labels = runs.map(({ stdout }) => (JSON.parse(stdout) as Report).labels);
    expect(labels[1]).toEqual(labels[0]);
    expect(labels[2]).toEqual(labels[0]);
    const { models } = (await thinsliceJson(['models', 'list', '--data', data])) as { models: unknown[] };
    expect(models).toHaveLength(1);
    const { results } = (await thinsliceJson(['results', 'list', '--data', data])) as { results: unknown[] };
    expect(results).toHaveLength(3);
    expect(readdirSync(join(data, 'out'))).toHaveLength(12);
  });
});
