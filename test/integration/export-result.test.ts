import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import { exportFormats } from '../../main/contract/engine-protocol.ts';
import type { ExportFormat, ExportRequest } from '../../main/contract/engine-protocol.ts';
import { readSeg } from '../../main/core/dicom/seg/read-seg.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { writeNifti } from '../../main/core/nifti/write-nifti.ts';
import { exportResult } from '../../main/engine/export-result.ts';
import { createPool } from '../../main/engine/pool.ts';
import type { Pool } from '../../main/engine/pool.ts';
import { makeExportRequest } from '../fixtures/export-request.ts';

let pool: Pool;
let folder: string;
let request: ExportRequest;
let labels: Uint8Array;

beforeAll(() => {
  pool = createPool({ threads: 1 });
});
afterAll(() => pool.destroy());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thinslice-export-'));
  ({ request, labels } = makeExportRequest(folder));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (formats: readonly ExportFormat[], changed: Partial<ExportRequest> = {}) =>
  exportResult({ ...request, ...changed, formats }, { pool });
const bytesOf = (name: string) => Uint8Array.from(readFileSync(join(request.outDir, name)));

describe('exporting a DICOM result', () => {
  it('writes each format, and no other file', async () => {
    const files = await run(exportFormats);
    const names = [
      '.seg.dcm',
      '.seg-labelmap.dcm',
      '.rtstruct.dcm',
      '.nii.gz',
      '.stl.zip',
      '.csv',
      '.json',
      '.png',
      '.pdf',
    ].map((end) => `chest${end}`);
    expect(files.map(({ format }) => format)).toEqual([...exportFormats]);
    expect(files.map(({ path }) => path)).toEqual(names.map((name) => join(request.outDir, name)));
    expect(readdirSync(request.outDir).sort()).toEqual([...names].sort());
  });

  it('gives back the same labels from SEG, label map SEG and NIfTI', async () => {
    await run(['seg', 'seg-labelmap', 'nifti']);
    const seg = readSeg(bytesOf('chest.seg.dcm'), request.grid);
    const values = new Map(
      seg.segments.map(({ number, label }) => [
        number,
        request.model.labels.find((l) => l.name === label)!.value,
      ]),
    );
    expect(seg.labelmap.labels.map((number) => values.get(number) ?? 0)).toEqual(labels);
    expect(readSeg(bytesOf('chest.seg-labelmap.dcm')).labelmap.labels).toEqual(labels);
    const { volume } = readNifti(Uint8Array.from(gunzipSync(bytesOf('chest.nii.gz'))));
    expect(volume.voxels).toEqual(labels);
    // float32 in the header.
    volume.grid.originLps.forEach((mm, axis) => expect(mm).toBeCloseTo(request.grid.originLps[axis]!, 4));
  });

  it('says "research use only" in every file', async () => {
    await run(['seg', 'seg-labelmap', 'nifti', 'csv', 'json']);
    for (const name of readdirSync(request.outDir)) {
      const bytes = name.endsWith('.gz') ? gunzipSync(bytesOf(name)) : bytesOf(name);
      expect(Buffer.from(bytes).toString('latin1')).toContain('Research use only. Not for clinical use.');
    }
  });

  it('writes measurements as a table for spreadsheets and as JSON', async () => {
    await run(['csv', 'json']);
    const csv = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf('chest.csv'));
    expect(csv.startsWith('\ufefflabel,name,voxels,volume_ml,')).toBe(true);
    const [, first, second] = csv.trim().split('\n');
    expect(first).toMatch(/^1,lung,\d+,/);
    // A name that a spreadsheet would run as a formula is text; a negative number stays a number.
    expect(second).toMatch(/^4,'=2\+2,\d+,[\d.]+,-80\.5,/);
    const document = JSON.parse(new TextDecoder().decode(bytesOf('chest.json')));
    expect(document.labels).toEqual(request.measurements);
    expect(document.model).toEqual({
      name: 'test model',
      sha256: request.provenance.modelSha256,
      variant: 'full',
      overlapWithFull: null,
    });
    expect(document.source.seriesInstanceUid).toBe('2.25.2');
    expect(JSON.stringify(document)).not.toContain('Doe');
  });

  it('draws the labels over the slices', async () => {
    await run(['png']);
    const { width, height, data } = PNG.sync.read(Buffer.from(bytesOf('chest.png')));
    expect(width).toBeGreaterThan(1000);
    // The colour of the lung in full, at its border and in the legend: [10, 200, 30].
    let exact = 0;
    for (let at = 0; at < width * height * 4; at += 4) {
      if (data[at] === 10 && data[at + 1] === 200 && data[at + 2] === 30) exact++;
    }
    expect(exact).toBeGreaterThanOrEqual(14 * 14);
  });
});

describe('exporting a NIfTI result', () => {
  it('keeps the placement of the source, gzip or not', async () => {
    for (const name of ['ct.nii', 'ct.nii.gz']) {
      const path = join(folder, name);
      const parts = writeNifti(new Int16Array(labels.length), request.grid, 'source');
      const source = Buffer.concat(parts);
      // A qform that says something else than the sform, as many tools leave it.
      source.writeFloatLE(123.5, 268);
      writeFileSync(path, name.endsWith('gz') ? gzipSync(source) : source);
      await run(['nifti', 'png'], { source: { kind: 'nifti', path } });
      const written = gunzipSync(bytesOf('chest.nii.gz'));
      expect(written.subarray(252, 328)).toEqual(source.subarray(252, 328));
      expect(written.subarray(76, 92)).toEqual(source.subarray(76, 92));
    }
  });

  it('refuses a DICOM SEG without DICOM images', async () => {
    const error = await failureOf(run(['seg'], { source: { kind: 'nifti', path: '/nowhere.nii' } }));
    expect(error).toMatchObject({ code: 'usage' });
  });
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppFailure)) throw error ?? new Error('did not fail');
  return error.error;
}

/** A file system of one page: 4 KiB. Needs a privileged user. */
function mountTiny(at: string): boolean {
  mkdirSync(at);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', at]).status === 0;
}

const canMount = ((): boolean => {
  const at = mkdtempSync(join(tmpdir(), 'thinslice-mount-'));
  const tiny = join(at, 'tiny');
  const mounted = mountTiny(tiny);
  if (mounted) execFileSync('umount', [tiny]);
  rmSync(at, { recursive: true });
  return mounted;
})();

describe('failing', () => {
  it.skipIf(!canMount)('says that the disk is full and leaves nothing half written', async () => {
    const tiny = join(folder, 'tiny');
    mountTiny(tiny);
    try {
      const error = await failureOf(run(['seg-labelmap'], { outDir: tiny }));
      const path = join(tiny, 'chest.seg-labelmap.dcm');
      expect(error).toEqual({ code: 'output-failed', path, detail: 'the disk is full' });
      expect(readdirSync(tiny)).toEqual([]);
    } finally {
      execFileSync('umount', [tiny]);
    }
  });

  it.skipIf(process.getuid?.() === 0)('says that a folder cannot be written to', async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    const error = await failureOf(run(['csv'], { outDir: locked }));
    expect(error).toMatchObject({ code: 'output-failed', detail: 'no permission to write here' });
  });

  it('says that a file stands where the folder should be', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const error = await failureOf(run(['csv'], { outDir: join(file, 'out') }));
    expect(error).toMatchObject({
      code: 'output-failed',
      detail: 'a part of the path is a file, not a folder',
    });
  });

  it('keeps the old file when it cannot write the new one, and clears what a killed export left', async () => {
    mkdirSync(request.outDir);
    writeFileSync(join(request.outDir, 'chest.seg-labelmap.dcm'), 'old');
    const left = [
      '.other.png.7.thinslice-partial',
      '.chest.csv.8.thinslice-partial',
      '.somebody-elses.partial',
    ];
    for (const name of left) writeFileSync(join(request.outDir, name), 'unfinished');
    const longAgo = new Date(Date.now() - 60 * 60 * 1000);
    // The second one is being written at this moment, by another process.
    for (const name of [left[0]!, left[2]!]) utimesSync(join(request.outDir, name), longAgo, longAgo);
    // Cancelled at the fourth look at the signal: some pieces are on the disk by then.
    let looks = 0;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', {
      get: () => ++looks >= 4,
    });
    const error = await failureOf(exportResult({ ...request, formats: ['seg-labelmap'] }, { pool, signal }));
    expect(error).toEqual({ code: 'cancelled' });
    expect(readdirSync(request.outDir).sort()).toEqual([left[1], left[2], 'chest.seg-labelmap.dcm']);
    expect(new TextDecoder().decode(bytesOf('chest.seg-labelmap.dcm'))).toBe('old');
  });

  it('needs the images of the study for the picture alone, and names one that is gone', async () => {
    rmSync(join(folder, 'study'), { recursive: true });
    await run(['seg', 'nifti', 'csv', 'json']);
    expect(await failureOf(run(['png']))).toMatchObject({ code: 'input-unreadable', detail: 'ENOENT' });
  });
});

const hasValidator = spawnSync('dciodvfy', ['-version']).error === undefined;
const hasPydicom = spawnSync('/usr/bin/python3', ['-c', 'import pydicom, numpy']).status === 0;

describe.skipIf(!hasValidator)('dciodvfy (dicom3tools)', () => {
  const errorsOf = (name: string) =>
    spawnSync('dciodvfy', [join(request.outDir, name)], { encoding: 'utf8' })
      .stderr.split('\n')
      .filter((line) => line.includes('Error'));

  it('finds no error in the BINARY SEG', async () => {
    await run(['seg']);
    expect(errorsOf('chest.seg.dcm')).toEqual([]);
  });

  it('finds nothing in the LABELMAP SEG but that it is older than Supplement 243', async () => {
    await run(['seg-labelmap']);
    const news = /Information Object Not found|SegmentNumber not monotonically increasing/;
    expect(errorsOf('chest.seg-labelmap.dcm').filter((line) => !news.test(line))).toEqual([]);
  });
});

describe.skipIf(!hasPydicom)('pydicom', () => {
  it.each(['seg', 'seg-labelmap'] as const)('reads %s: pixels and geometry', async (format) => {
    await run([format]);
    const script = `
import json, sys, pydicom, numpy
d = pydicom.dcmread(sys.argv[1])
measures = d.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
frames = []
for group, pixels in zip(d.PerFrameFunctionalGroupsSequence, d.pixel_array):
    segment = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber if 'SegmentIdentificationSequence' in group else 0
    source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
    position = [float(v) for v in group.PlanePositionSequence[0].ImagePositionPatient]
    frames.append([int(segment), source, position, int(numpy.count_nonzero(pixels)), int(pixels.astype(int).sum())])
print(json.dumps({'frames': frames, 'spacing': [float(measures.SpacingBetweenSlices), *map(float, measures.PixelSpacing)],
  'orientation': [float(v) for v in d.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient],
  'frame_of_reference': d.FrameOfReferenceUID, 'name': str(d.PatientName), 'study': d.StudyInstanceUID}))`;
    const path = join(request.outDir, `chest.${format}.dcm`);
    const read = JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }));
    const { grid } = request;
    const [, rows, columns] = grid.shapeZyx;
    expect(read).toMatchObject({ frame_of_reference: '2.25.3', name: 'Doe^Jané', study: '2.25.1' });
    expect(read.spacing).toEqual([...grid.spacingZyxMm]);
    expect(read.orientation).toEqual([...grid.directionsZyx[2], ...grid.directionsZyx[1]]);
    const present = format === 'seg' ? request.model.labels.map(({ value }) => value) : [0];
    const expected = Array.from({ length: grid.shapeZyx[0] }, (_, z) => {
      const plane = labels.subarray(z * rows * columns, (z + 1) * rows * columns);
      const position = [grid.originLps[0], grid.originLps[1], grid.originLps[2] + z * grid.spacingZyxMm[0]];
      return present.map((value, index) => {
        const inside = plane.filter((label) => (format === 'seg' ? label === value : label > 0));
        const sum = format === 'seg' ? inside.length : inside.reduce((total, label) => total + label, 0);
        return [format === 'seg' ? index + 1 : 0, `2.25.10${z}`, position, inside.length, sum];
      });
    }).flat();
    expect(read.frames).toEqual(expected.filter(([, , , count]) => format !== 'seg' || Number(count) > 0));
  });
});
