import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import type { FolderScan, SeriesVolume } from '../../main/core/dicom/study.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { dicomBytes, fieldClaiming, join as joinBytes, latin1 } from '../fixtures/dicom-bytes.ts';
import { sliceFields, without } from '../fixtures/slice-fields.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const volumesOf = (scan: FolderScan): SeriesVolume[] =>
  scan.studies.flatMap(({ series }) => series.flatMap(({ volumes }) => volumes));

async function failureOf(work: Promise<unknown>): Promise<AppFailure['error']> {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof AppFailure)) throw new Error(`not an AppFailure but ${String(error)}`);
  return error.error;
}

function writeSlices(folder: string, count: number, nameOf = (z: number) => `${z}.dcm`): void {
  mkdirSync(folder, { recursive: true });
  for (let z = 0; z < count; z++) writeFileSync(join(folder, nameOf(z)), dicomBytes(sliceFields(z)));
}

describe('scanFolder', () => {
  it('finds slices at any depth, under any name, and counts the rest', async () => {
    const root = tempDir();
    writeSlices(root, 2, (z) => `${z}`);
    for (const [z, path] of [
      'a/b/c/d/e/f/IM2',
      'Müller, 山田/スライス 3.txt',
      'a/.hidden',
      'a/5.jpg',
    ].entries()) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), dicomBytes(sliceFields(z + 2)));
    }
    writeFileSync(join(root, 'empty'), '');
    writeFileSync(join(root, 'notes.dcm'), 'no DICOM at all');
    writeFileSync(join(root, 'a/scan.pdf'), `%PDF-1.7 ${'x'.repeat(100_000)}`);
    const seen: number[] = [];
    const scan = await scanFolder(root, { onProgress: (files) => seen.push(files) });
    expect(scan).toMatchObject({ folder: root, filesRead: 6, filesSkipped: 3, problems: [] });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [volume, ...others] = volumesOf(scan);
    expect(others).toEqual([]);
    expect(volume?.verdict.outcome).toBe('ok');
    expect(volume?.frames.map(({ file }) => file)).toEqual([
      join(root, '0'),
      join(root, '1'),
      join(root, 'a/b/c/d/e/f/IM2'),
      join(root, 'Müller, 山田/スライス 3.txt'),
      join(root, 'a/.hidden'),
      join(root, 'a/5.jpg'),
    ]);
  });

  it('reads one file', async () => {
    const root = tempDir();
    writeSlices(root, 3);
    const scan = await scanFolder(join(root, '1.dcm'));
    expect(scan).toMatchObject({ filesRead: 1, filesSkipped: 0 });
    expect(volumesOf(scan)[0]?.verdict.findings[0]?.code).toBe('too-few-slices');
  });

  it('follows symbolic links once, however they loop', async () => {
    const root = tempDir();
    writeSlices(join(root, 'series'), 3);
    const outside = tempDir();
    writeFileSync(join(outside, 'far'), dicomBytes(sliceFields(3)));
    symlinkSync(root, join(root, 'series', 'up'));
    symlinkSync(join(root, 'series'), join(root, 'again'));
    symlinkSync(outside, join(root, 'outside'));
    symlinkSync(join(root, 'nowhere'), join(root, 'broken'));
    symlinkSync(join(root, 'self'), join(root, 'self'));
    const scan = await scanFolder(root);
    expect(scan.filesRead).toBe(4);
    expect(volumesOf(scan)[0]?.verdict).toMatchObject({ outcome: 'ok' });
    expect(scan.problems.map(({ file }) => file)).toEqual([join(root, 'broken'), join(root, 'self')]);
  });

  it('leaves pipes alone', async () => {
    const root = tempDir();
    writeSlices(root, 3);
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await scanFolder(root)).toMatchObject({ filesRead: 3, filesSkipped: 0, problems: [] });
  });

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)('lists what it may not read', async () => {
    const root = tempDir();
    writeSlices(root, 3);
    mkdirSync(join(root, 'closed'));
    chmodSync(join(root, 'closed'), 0o000);
    chmodSync(join(root, '1.dcm'), 0o000);
    const scan = await scanFolder(root);
    chmodSync(join(root, 'closed'), 0o700);
    expect(scan.problems).toEqual([
      { file: join(root, '1.dcm'), flaw: { code: 'unreadable', cause: 'EACCES' } },
      { file: join(root, 'closed'), flaw: { code: 'unreadable', cause: 'EACCES' } },
    ]);
  });

  it('fails for a folder that is not there', async () => {
    const missing = join(tempDir(), 'nothing');
    const error = await failureOf(scanFolder(missing));
    expect(error).toMatchObject({ code: 'input-unreadable', path: missing });
  });

  it('stops when it is told to', async () => {
    const root = tempDir();
    writeSlices(root, 50);
    const before = new AbortController();
    before.abort();
    expect(await failureOf(scanFolder(root, { signal: before.signal }))).toEqual({ code: 'cancelled' });
    const during = new AbortController();
    const seen: number[] = [];
    const scan = scanFolder(root, {
      signal: during.signal,
      onProgress: (files) => {
        seen.push(files);
        if (files === 5) during.abort();
      },
    });
    expect(await failureOf(scan)).toEqual({ code: 'cancelled' });
    // At most the reads that were in flight end after that.
    expect(seen.length).toBeLessThan(20);
  });

  it('drops a copy of a file and says so', async () => {
    const root = tempDir();
    writeSlices(root, 4);
    writeSlices(join(root, 'backup'), 4);
    const [volume] = volumesOf(await scanFolder(root));
    expect(volume?.frames).toHaveLength(4);
    expect(volume?.verdict).toEqual({
      outcome: 'corrected',
      findings: [{ code: 'duplicates-dropped', numbers: { duplicates: 4 } }],
    });
  });

  it('does not take a DICOMDIR for an image or a problem', async () => {
    const root = tempDir();
    writeSlices(root, 3);
    const directory = dicomBytes(
      { '00041130': ['CS', 'DISC'] },
      { transferSyntaxUid: '1.2.840.10008.1.2.1' },
    );
    // (0002,0002) Media Storage SOP Class UID goes before the transfer syntax.
    const media = fieldClaiming('00020002', 'UI', 20, latin1('1.2.840.10008.1.3.10'));
    writeFileSync(
      join(root, 'DICOMDIR'),
      joinBytes([directory.subarray(0, 132), media, directory.subarray(132)]),
    );
    const scan = await scanFolder(root);
    expect(scan).toMatchObject({ filesRead: 4, filesSkipped: 0, problems: [] });
    expect(volumesOf(scan)).toHaveLength(1);
  });

  it('survives a file cut at any byte, names it, and refuses its series', async () => {
    const whole = dicomBytes(sliceFields(3));
    const root = tempDir();
    writeSlices(root, 3);
    const cut = join(root, 'cut');
    for (let length = 0; length < whole.length; length += 13) {
      writeFileSync(cut, whole.subarray(0, length));
      const scan = await scanFolder(root);
      if (length < 132) expect(scan.filesSkipped).toBe(1);
      else expect(scan.problems.map(({ file }) => file)).toEqual([cut]);
      // Once the file can be told to belong to the series, the series is not given out without it.
      const volumes = volumesOf(scan);
      const mentions = volumes.filter(({ frames }) => frames.some(({ file }) => file === cut));
      for (const volume of mentions) expect(volume.verdict.outcome).toBe('refused');
      if (length > whole.length - 20) expect(mentions.map(({ frames }) => frames.length)).toEqual([4]);
    }
  });

  it('reads of a huge file only its header', async () => {
    const root = tempDir();
    const path = join(root, 'huge');
    writeFileSync(
      path,
      dicomBytes(without(sliceFields(0), '7fe00010'), { tail: fieldClaiming('7fe00010', 'OW', 0xfffffffe) }),
    );
    // Sparse: 64 GiB that nobody could read in this test's time.
    truncateSync(path, 2 ** 36);
    const scan = await scanFolder(root);
    expect(scan).toMatchObject({ filesRead: 1, problems: [] });
  });

  it('survives hostile numbers', async () => {
    const root = tempDir();
    const hostile = [
      { '00280010': ['US', 65535], '00280011': ['US', 65535], '00280008': ['IS', '2147483647'] },
      { '00280008': ['IS', '-1'] },
      { '00280008': ['IS', 'NaN'] },
      { '00280030': ['DS', 'NaN\\NaN'] },
      { '00200032': ['DS', '1e308\\-1e308\\1e308'] },
      { '00200037': ['DS', '0\\0\\0\\0\\0\\0'] },
      { '00281053': ['DS', 'Infinity'] },
      { '00280100': ['US', 0] },
      { '00200013': ['IS', '99999999999999999999'], '00280100': ['US', 1] },
      { '0008103e': ['UT', 'x'.repeat(65_000)], '00280100': ['US', 1] },
      { '00080005': ['CS', 'x\\'.repeat(30_000)], '00280100': ['US', 1] },
    ] as const;
    for (const [index, others] of hostile.entries()) {
      writeFileSync(join(root, `${index}`), dicomBytes(sliceFields(index, others)));
    }
    writeFileSync(
      join(root, 'long'),
      dicomBytes(without(sliceFields(9), '7fe00010'), { tail: fieldClaiming('50000010', 'OB', 0x7fffffff) }),
    );
    const scan = await scanFolder(root);
    expect(scan.filesRead).toBe(hostile.length + 1);
    for (const { verdict, grid } of volumesOf(scan)) {
      expect(verdict.outcome).toBe('refused');
      if (grid) expect(grid.spacingZyxMm.every((mm) => mm > 0 && Number.isFinite(mm))).toBe(true);
    }
  });

  it('survives any damage to files of a series', async () => {
    const root = tempDir();
    const valid = dicomBytes(sliceFields(3, { '00081140': ['SQ', [{ '00081155': ['UI', '1.2'] }]] }), {
      undefinedLengths: true,
    });
    const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(valid.length), async (changes, length) => {
        const bytes = valid.slice(0, Math.max(132, length));
        for (const [at, value] of changes) if (at >= 132 && at < bytes.length) bytes[at] = value;
        writeFileSync(join(root, 'file'), bytes);
        const scan = await scanFolder(root);
        expect(scan.filesRead + scan.filesSkipped).toBe(1);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
