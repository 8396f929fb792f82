import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeNiftiFile,
} from '../fixtures/cli-inputs.ts';
import { dumpDatabase } from '../fixtures/dump-database.ts';
import { expectPlainWords, expectRefusal } from '../fixtures/expect-refusal.ts';
import { builtCli, bundledStudy, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

/** A data folder with a model that takes anything; gives the arguments that choose both. */
async function ready(modality = ''): Promise<{ readonly data: string; readonly model: string }> {
  const data = tempDir();
  const manifest = manifestOf([{ name: 'any', modality }]);
  const folder = writeModelFolder(join(tempDir(), 'm'), thresholdOnnx([1], 0), manifest);
  const { model } = await thinsliceJson(['models', 'import', folder, '--data', data]);
  return { data, model: (model as { id: string }).id };
}

/** The bundled study in links, with one slice cut to part of its length. */
function studyWithCut(slice: string, part: number): { readonly folder: string; readonly cut: string } {
  const folder = tempDir();
  const cut = join(folder, slice);
  for (const name of readdirSync(bundledStudy)) {
    if (name !== slice) symlinkSync(join(bundledStudy, name), join(folder, name));
  }
  const bytes = readFileSync(join(bundledStudy, slice));
  writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length * part)));
  return { folder, cut };
}

const grid = axialGrid([8, 12, 16], [2, 2, 2]);
const niftiBytes = (): Buffer => {
  const path = writeNiftiFile(
    join(tempDir(), 'whole.nii'),
    sample(grid, ([x, y]) => x - y),
    grid,
  );
  return readFileSync(path);
};

describe('DICOM files that are cut short', () => {
  it('refuses a study with a slice cut at any tenth, and names the file', async () => {
    const { data, model } = await ready();
    for (let tenth = 0; tenth < 10; tenth++) {
      const { folder, cut } = studyWithCut('slice-32.dcm', tenth / 10);
      const args = ['segment', folder, '--model', model, '--out', join(folder, 'out')];
      // An empty file is not even a DICOM file: what shows is that a slice is missing.
      const says = tenth === 0 ? [/gaps? of up to 6 mm.*1 slice is missing/] : [cut, /short|ends|missing/];
      const { stdout } = await expectRefusal(args, data, { code: 3, says: [folder, ...says] });
      expect(stdout).toBe('');
      expect(readdirSync(folder)).not.toContain('out');
    }
  });

  it('says which file at the end of a stack was not used, since no gap shows it', async () => {
    const { data, model } = await ready();
    const { folder, cut } = studyWithCut('slice-64.dcm', 0.005);
    const run = await runThinslice(['segment', folder, '--model', model, '--data', data]);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/63 slices/);
    expect(run.stderr).toContain(`Not used: ${cut}: `);
  });

  it('refuses pixel data that is damaged inside, in a job that failed', async () => {
    const { data, model } = await ready();
    const { folder, cut } = studyWithCut('slice-10.dcm', 1);
    const bytes = readFileSync(cut);
    // The file was whole when the folder was scanned: it shrinks while the job runs, as on a share that breaks off.
    const scan = await thinsliceJson(['studies', folder, '--data', data]);
    expect(scan).toMatchObject({ problems: [] });
    // JPEG 2000 by its transfer syntax, which is as long as that of explicit little endian, padded; the pixels are not.
    const syntax = bytes.indexOf('1.2.840.10008.1.2.1\0', 0, 'latin1');
    expect(syntax).toBeGreaterThan(0);
    bytes.write('1.2.840.10008.1.2.9\0', syntax, 'latin1');
    writeFileSync(cut, bytes);
    await expectRefusal(['segment', folder, '--model', model], data, {
      code: 3,
      says: [folder, /slice|syntax|pixel/],
    });
  });
});

describe('NIfTI files that are no good', () => {
  it('refuses a file cut at any tenth, gzip or not, and names it', async () => {
    const { data, model } = await ready();
    const plain = niftiBytes();
    const forms = [
      { ending: '.nii', bytes: plain },
      { ending: '.nii.gz', bytes: gzipSync(plain) },
    ];
    for (const { ending, bytes } of forms) {
      for (let tenth = 0; tenth < 10; tenth++) {
        const path = join(tempDir(), `cut${ending}`);
        writeFileSync(path, bytes.subarray(0, Math.floor((bytes.length * tenth) / 10)));
        const says = [path, /cut off|short|ends|gzip|NIfTI/];
        await expectRefusal(['segment', path, '--model', model], data, { code: 3, says });
      }
    }
    const { jobs } = (await thinsliceJson(['jobs', 'list', '--data', data])) as { jobs: { state: string }[] };
    expect(jobs.map(({ state }) => state)).toEqual(Array<string>(20).fill('failed'));
  });

  it.each<[string, RegExp, (header: DataView) => void]>([
    [
      'dimensions beyond all memory',
      /needs .*(bytes|memory)/,
      (h) => [42, 44, 46].forEach((at) => h.setInt16(at, 32767, true)),
    ],
    ['negative dimensions', /dimensions/, (h) => h.setInt16(42, -5, true)],
    ['four dimensions', /volumes/, (h) => (h.setInt16(40, 4, true), h.setInt16(48, 9, true))],
    ['colours', /data type/, (h) => h.setInt16(70, 128, true)],
    [
      'no placement',
      /orientation|affine|placement|singular|spacing|form/i,
      (h) => (
        h.setInt16(252, 0, true),
        h.setInt16(254, 1, true),
        [280, 284, 288].forEach((at) => h.setFloat32(at, 0, true))
      ),
    ],
  ])('refuses one with %s', async (_what, says, damage) => {
    const { data, model } = await ready();
    const bytes = niftiBytes();
    damage(new DataView(bytes.buffer, bytes.byteOffset));
    const path = join(tempDir(), 'odd.nii');
    writeFileSync(path, bytes);
    await expectRefusal(['segment', path, '--model', model], data, { code: 3, says: [path, says] });
  });

  it('reports a file that vanished before its result was exported', async () => {
    const { data, model } = await ready();
    const path = join(tempDir(), 'scan.nii');
    writeFileSync(path, niftiBytes());
    const { result } = await thinsliceJson(['segment', path, '--model', model, '--data', data]);
    rmSync(path);
    const out = tempDir();
    const args = ['results', 'export', String(result), '--out', out, '--format', 'nifti'];
    await expectRefusal(args, data, { code: 3, says: [path, /no such file/] });
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('paths that lead nowhere', () => {
  it('refuses what is not there, not readable, empty or not an image', async () => {
    const { data, model } = await ready();
    const folder = tempDir();
    const refused = async (path: string, ...says: readonly (RegExp | string)[]) => {
      await expectRefusal(['segment', path, '--model', model], data, { code: 3, says: [path, ...says] });
      if (!path.endsWith('.nii'))
        await expectRefusal(['studies', path], data, { code: 3, says: [path, ...says] });
    };
    await refused(join(folder, 'gone'), /no such file|it is gone/);
    await refused(join(folder, 'gone.nii'), /no such file/);
    mkdirSync(join(folder, 'empty'));
    await refused(join(folder, 'empty'), /no DICOM images \(0 other files skipped\)/);
    mkdirSync(join(folder, 'letters'));
    for (const name of ['a.txt', 'b.pdf'])
      writeFileSync(join(folder, 'letters', name), 'a letter, and no image');
    await refused(join(folder, 'letters'), /no DICOM images \(2 other files skipped\)/);
    await refused(join(folder, 'letters', 'a.txt', 'below'), /folder|ENOTDIR/);
    mkdirSync(join(folder, 'stump'));
    writeFileSync(
      join(folder, 'stump', 'x'),
      readFileSync(join(bundledStudy, 'slice-01.dcm')).subarray(0, 200),
    );
    await refused(join(folder, 'stump'), /stump\/x/);
    copyFileSync(join(bundledStudy, 'slice-01.dcm'), join(folder, 'one.dcm'));
    await expectRefusal(['segment', join(folder, 'one.dcm'), '--model', model], data, {
      code: 3,
      says: [/1 slice; at least/],
    });
    await expectRefusal(['segment', bundledStudy, '--series', '1.2.3', '--model', model], data, {
      code: 3,
      says: [bundledStudy, /no series 1\.2\.3/],
    });
  });

  it('refuses a study of another modality than the model reads', async () => {
    const { data, model } = await ready('MR');
    await expectRefusal(['segment', bundledStudy, '--model', model], data, {
      code: 3,
      says: [/reads MR, and this is CT/],
    });
  });

  const asNobody = { uid: 65534, gid: 65534 };
  const canBeNobody =
    process.getuid?.() !== 0 || spawnSync(process.execPath, [builtCli, '--version'], asNobody).status === 0;

  it.skipIf(process.platform === 'win32' || !canBeNobody)(
    'refuses a file and a folder that may not be read',
    () => {
      const folder = tempDir();
      const data = join(folder, 'data');
      mkdirSync(data);
      const closed = join(folder, 'closed.nii');
      writeFileSync(closed, niftiBytes());
      cpSync(bundledStudy, join(folder, 'study'), { recursive: true });
      chmodSync(folder, 0o777);
      chmodSync(data, 0o777);
      for (const path of [closed, join(folder, 'study')]) {
        chmodSync(path, 0o000);
        const options = { encoding: 'utf8', ...(process.getuid?.() === 0 ? asNobody : {}) } as const;
        const { status, signal, stdout, stderr } = spawnSync(
          process.execPath,
          [builtCli, 'segment', path, '--data', data],
          options,
        );
        chmodSync(path, 0o700);
        expectPlainWords({ code: status, signal, stdout, stderr });
        expect(status, stderr).toBe(3);
        expect(stderr).toContain(path);
        expect(stderr).toMatch(/no permission/);
      }
      expect(dumpDatabase(data)['results']).toEqual([]);
    },
  );
});
