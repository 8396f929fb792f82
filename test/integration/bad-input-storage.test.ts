import { readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseFile, openDatabase } from '../../main/db/database.ts';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeNiftiFile,
} from '../fixtures/cli-inputs.ts';
import { dumpDatabase, withDatabase } from '../fixtures/dump-database.ts';
import { expectPlainWords, expectRefusal } from '../fixtures/expect-refusal.ts';
import { createRandom } from '../fixtures/random.ts';
import { runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { canMount, mountSmall } from '../fixtures/small-disk.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const modelFolder = () =>
  writeModelFolder(join(tempDir(), 'm'), thresholdOnnx([1], 0), manifestOf([{ name: 'any' }]));

async function importInto(data: string): Promise<string> {
  const { model } = await thinsliceJson(['models', 'import', modelFolder(), '--data', data]);
  return (model as { id: string }).id;
}

/** Noise, on the grid of the model: its labelmap does not compress. */
function noise(): string {
  const grid = axialGrid([64, 128, 128], [2, 2, 2]);
  const random = createRandom(5);
  return writeNiftiFile(
    join(tempDir(), 'noise.nii'),
    sample(grid, () => random() - 0.5),
    grid,
  );
}

describe('folders that cannot be written to', () => {
  it('are found out before the work is done', async () => {
    const data = tempDir();
    const model = await importInto(data);
    const input = noise();
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const refused = (out: string, ...says: readonly (RegExp | string)[]) =>
      expectRefusal(['segment', input, '--model', model, '--out', out], data, {
        code: 6,
        says: [out, ...says],
      });
    await refused(file, /a file stands where a folder is needed/);
    await refused(join(file, 'below'), /file/);
    if (process.platform === 'linux') await refused('/proc/thinslice/out', /no such file/);
    const { jobs } = await thinsliceJson(['jobs', 'list', '--data', data]);
    expect(jobs).toEqual([]);
  });

  it('are refused as the place of the database, too', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    for (const data of [
      file,
      join(file, 'below'),
      ...(process.platform === 'linux' ? ['/proc/thinslice'] : []),
    ]) {
      const run = await runThinslice(['models', 'list', '--data', data]);
      expectPlainWords(run);
      expect(run.code).toBe(6);
      expect(run.stderr).toContain(join(data, databaseFile));
    }
  });
});

describe('databases that cannot be used', () => {
  it('refuses one of a newer program, one that is none, and a damaged one, and leaves them alone', async () => {
    const data = tempDir();
    openDatabase(data).close();
    withDatabase(data, (db) => db.pragma('user_version = 9999'));
    const before = dumpDatabase(data);
    const path = join(data, databaseFile);
    const future = await runThinslice(['jobs', 'list', '--data', data]);
    expectPlainWords(future);
    expect(future).toMatchObject({ code: 6, stderr: expect.stringMatching(/newer version of Thinslice/) });
    expect(future.stderr).toContain(path);
    expect(dumpDatabase(data)).toEqual(before);

    rmSync(path);
    writeFileSync(path, 'a letter that somebody saved under this name. '.repeat(100));
    const letter = await runThinslice(['jobs', 'list', '--data', data]);
    expectPlainWords(letter);
    expect(letter).toMatchObject({ code: 6, stderr: expect.stringMatching(/it is no database/) });
  });

  it('says which result has a labelmap that was damaged; the same run again makes it whole', async () => {
    const data = tempDir();
    const model = await importInto(data);
    const args = ['segment', noise(), '--model', model];
    const { result } = await thinsliceJson([...args, '--data', data]);
    const damage = `UPDATE blobs SET data = substr(data, 1, length(data) - 9) WHERE sha256 = (SELECT labelmap FROM results)`;
    withDatabase(data, (db) => db.exec(damage));
    const out = tempDir();
    const exporting = ['results', 'export', String(result), '--out', out];
    await expectRefusal(exporting, data, {
      code: 6,
      says: [databaseFile, String(result), /decompressed|SHA-256/],
    });
    expect(readdirSync(out)).toEqual([]);
    await thinsliceJson([...args, '--data', data]);
    expect((await thinsliceJson([...exporting, '--data', data])).files).toHaveLength(4);
  });
});

describe.skipIf(!canMount)('a full disk', () => {
  it('under the exports: the result is stored, nothing half-written is left, and it can be exported elsewhere', async () => {
    const data = tempDir();
    const model = await importInto(data);
    const out = mountSmall(64);
    const run = await runThinslice([
      'segment',
      noise(),
      '--model',
      model,
      '--data',
      data,
      '--out',
      out,
      '--format',
      'nifti,csv',
    ]);
    expectPlainWords(run);
    expect(run.code, run.stderr).toBe(6);
    expect(run.stderr).toMatch(/Cannot write .*\.nii\.gz: the disk is full/);
    // A small format written meanwhile may be there, whole; of the others nothing.
    expect(readdirSync(out).filter((name) => !/^noise-\w+\.(csv|json)$/.test(name))).toEqual([]);
    const [, id = ''] = /results export (\S+)"/.exec(run.stderr) ?? [];
    const elsewhere = tempDir();
    const { files } = await thinsliceJson(['results', 'export', id, '--data', data, '--out', elsewhere]);
    expect(readdirSync(elsewhere)).toHaveLength((files as unknown[]).length);
  });

  it('under the database, while a model is imported: none of it is stored', async () => {
    // The schema fits; the bundled model, imported at first use, does not.
    const data = mountSmall(512);
    openDatabase(data).close();
    const before = dumpDatabase(data);
    const run = await runThinslice(['segment', noise(), '--data', data]);
    expectPlainWords(run);
    expect(run.code, run.stderr).toBe(6);
    expect(run.stderr).toMatch(/the disk is full/);
    expect(dumpDatabase(data)).toEqual(before);
    expect(withDatabase(data, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  it('under the database, in the middle of a job: it goes on when there is room again', async () => {
    const data = mountSmall(4096);
    const model = await importInto(data);
    const filler = join(data, 'filler');
    const { bavail, bsize } = statfsSync(data);
    writeFileSync(filler, new Uint8Array(bavail * bsize - 100 * 1024));
    const args = ['segment', noise(), '--model', model, '--data', data];
    const run = await runThinslice(args);
    expectPlainWords(run);
    expect(run.code, run.stderr).toBe(6);
    expect(run.stderr).toMatch(/The database .* cannot be used: the disk/);
    expect(withDatabase(data, (db) => db.prepare('SELECT * FROM results').all())).toEqual([]);

    rmSync(filler);
    const again = await thinsliceJson(args);
    const undisturbed = tempDir();
    const other = await importInto(undisturbed);
    const reference = await thinsliceJson(['segment', args[1]!, '--model', other, '--data', undisturbed]);
    expect(again.labels).toEqual(reference.labels);
    const { jobs } = (await thinsliceJson(['jobs', 'list', '--data', data])) as { jobs: { state: string }[] };
    expect(jobs.map(({ state }) => state)).toEqual(['done']);
  });
});
