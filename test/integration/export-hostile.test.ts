import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportFormat, ExportRequest } from '../../main/contract/engine-protocol.ts';
import type { FrameRef } from '../../main/core/dicom/study.ts';
import { standInUid } from '../../main/core/dicom/read/stand-in-uid.ts';
import { exportResult } from '../../main/engine/export-result.ts';
import { createPool } from '../../main/engine/pool.ts';
import type { Pool } from '../../main/engine/pool.ts';
import { makeExportRequest } from '../fixtures/export-request.ts';

let pool: Pool;
let folder: string;
let request: ExportRequest;

beforeAll(() => {
  pool = createPool({ threads: 1 });
});
afterAll(() => pool.destroy());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thinslice-hostile-'));
  ({ request } = makeExportRequest(folder));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type DicomSource = Extract<ExportRequest['source'], { kind: 'dicom' }>;

/** The request with parts of its source replaced, exported; the bytes of each file. */
async function exportWith(
  change: {
    readonly study?: Partial<DicomSource['study']>;
    readonly series?: Partial<DicomSource['series']>;
    readonly volume?: Partial<DicomSource['volume']>;
    readonly request?: Partial<ExportRequest>;
  },
  formats: readonly ExportFormat[],
): Promise<Uint8Array[]> {
  const source = request.source as DicomSource;
  const files = await exportResult(
    {
      ...request,
      ...change.request,
      formats,
      source: {
        kind: 'dicom',
        study: { ...source.study, ...change.study },
        series: { ...source.series, ...change.series },
        volume: { ...source.volume, ...change.volume },
      },
    },
    { pool },
  );
  return files.map(({ path }) => Uint8Array.from(readFileSync(path)));
}

const pathOf = (extension: string) => join(request.outDir, `chest${extension}`);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const trap = '=HYPERLINK("http://x")\r\n<script>\u001b[2J\\'.repeat(6);
const hostile = {
  study: {
    patientId: trap,
    patientName: trap.slice(1).replaceAll('=', ''),
    patientBirthDate: '19991399',
    patientSex: '<b>',
    studyDate: '2024.01.3',
    studyTime: '996199',
    studyId: trap,
    accessionNumber: trap,
    description: trap,
  },
  series: { description: trap, seriesNumber: 1e300, frameOfReferenceUid: '', bodyPart: trap },
};

const hasValidator = spawnSync('dciodvfy', ['-version']).error === undefined;
const hasPydicom = spawnSync('/usr/bin/python3', ['-c', 'import pydicom']).status === 0;

describe.skipIf(!hasValidator)('dciodvfy (dicom3tools)', () => {
  const errors = () =>
    spawnSync('dciodvfy', [pathOf('.seg.dcm')], { encoding: 'utf8' })
      .stderr.split('\n')
      .filter((line) => line.includes('Error'));
  const frames = () => (request.source as DicomSource).volume.frames;

  it('finds no error in a SEG of a source whose every text is hostile', async () => {
    await exportWith(hostile, ['seg']);
    expect(errors()).toEqual([]);
  });

  it('finds no error in a SEG of sided and located segments with private codes', async () => {
    const sct = (value: string, meaning: string) => ({ value, scheme: 'SCT', meaning });
    const [first, second] = request.model.labels;
    const labels = [
      { ...first!, typeModifier: sct('7771000', 'Left'), anatomicRegion: sct('64033007', 'Kidney') },
      { ...second!, type: { value: 'L-1', scheme: '99THINSLICE', meaning: 'of ours' } },
    ];
    await exportWith({ request: { model: { ...request.model, labels } } }, ['seg']);
    expect(errors()).toEqual([]);
  });

  it('finds no error in a SEG of a multi-frame source', async () => {
    const multi = frames().map((frame, index): FrameRef => ({ ...frames()[0]!, ...frame, frame: index }));
    const one = multi.map((frame) => ({
      ...frame,
      sopInstanceUid: '2.25.100',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2.1',
    }));
    await exportWith({ volume: { frames: one } }, ['seg']);
    expect(errors()).toEqual([]);
  });

  it('finds no error in a SEG of resampled or resheared slices', async () => {
    const positionsMm = [0, 2.6, 5, 7.4, 10];
    await exportWith({ volume: { assembly: { kind: 'resample', positionsMm } } }, ['seg']);
    expect(errors()).toEqual([]);
    const shifts = [0, 1, 2, 3, 4];
    const assembly = { kind: 'reshear', shiftYMm: shifts, shiftXMm: shifts.map(() => 0) } as const;
    await exportWith({ volume: { assembly } }, ['seg']);
    expect(errors()).toEqual([]);
  });

  it('finds no error in a SEG of lossy images, and of images without a class', async () => {
    await exportWith({ volume: { lossy: true } }, ['seg']);
    expect(errors()).toEqual([]);
    await exportWith({ volume: { frames: frames().map((frame) => ({ ...frame, sopClassUid: '' })) } }, [
      'seg',
    ]);
    expect(errors()).toEqual([]);
  });
});

describe('hostile texts', () => {
  it.skipIf(!hasPydicom)('are read by pydicom as one value each, within their lengths', async () => {
    // The validators count bytes where the limit is one of characters: ASCII where it is reached.
    const patientName = `${'x'.repeat(80)}=山田^太郎=やまだ^たろう=four`;
    await exportWith({ ...hostile, study: { ...hostile.study, patientName } }, ['seg']);
    const script = `
import json, sys, warnings, pydicom
warnings.simplefilter('error')
pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE
d = pydicom.dcmread(sys.argv[1])
for e in d.iterall(): e.value
print(json.dumps([str(d.PatientName), d.PatientID, d.StudyTime, d.StudyDate, d.PatientSex, int(d.SeriesNumber)]))`;
    const read: unknown[] = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script, pathOf('.seg.dcm')], { encoding: 'utf8' }),
    );
    // The ideographic and phonetic groups survive an alphabetic one that is too long.
    expect(read[0]).toBe(`${'x'.repeat(64)}=山田^太郎=やまだ^たろう`);
    expect(read[1]).toBe(trap.replace(/[\r\n\u001b\\]/g, ' ').slice(0, 64));
    expect(read.slice(2)).toEqual(['', '', '', 1000]);
  });

  it('are no formulas and no broken rows in the table', async () => {
    const measurements = request.measurements.map((each) => ({ ...each, name: trap }));
    const provenance = { ...request.provenance, modelName: '@SUM(1)', geometry: '-1+1', device: '\t=1' };
    const [csv] = await exportWith({ request: { measurements, provenance } }, ['csv']);
    const read = text(csv!).split(/,|\n/);
    expect(read.filter((cell) => /^"?[=@\t]/.test(cell) || /^"?[-+][^\d.]/.test(cell))).toEqual([]);
    expect(text(csv!)).toContain("'@SUM(1)");
    expect(text(csv!)).toContain("'-1+1");
  });
});

describe('a source without UIDs', () => {
  const standIns = {
    study: { studyInstanceUid: standInUid('study', 'a') },
    series: { seriesInstanceUid: standInUid('series', 'b'), frameOfReferenceUid: '' },
  };

  it('is said to lack them in every record of its result', async () => {
    const [seg, csv, json] = await exportWith(standIns, ['seg', 'csv', 'json']);
    expect(Buffer.from(seg!).toString('latin1')).toContain('those given here are stand-ins');
    const [header, row] = text(csv!).split('\n');
    const column = header!.split(',').indexOf('stand_in_uids');
    expect(row!.split(',')[column]).toBe('study series');
    expect(JSON.parse(text(json!)).source.standInUids).toEqual(['study', 'series']);
  });

  it('is not said of a source that has them', async () => {
    const [seg, json] = await exportWith({}, ['seg', 'json']);
    expect(Buffer.from(seg!).toString('latin1')).not.toContain('stand-ins');
    expect(JSON.parse(text(json!)).source.standInUids).toEqual([]);
  });

  it('has one frame of reference in all of its segmentations', async () => {
    const [binary, labelmap] = await exportWith(standIns, ['seg', 'seg-labelmap']);
    const frameOf = (bytes: Uint8Array) => dicomParser.parseDicom(bytes).string('x00200052');
    expect(frameOf(binary!)).toMatch(/^2\.25\.\d+$/);
    expect(frameOf(labelmap!)).toBe(frameOf(binary!));
  });
});
