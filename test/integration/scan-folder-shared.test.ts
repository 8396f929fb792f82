import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeVerdict } from '../../main/core/dicom/read/describe-verdict.ts';
import type { FolderScan, Series } from '../../main/core/dicom/study.ts';
import { loadVolume } from '../../main/engine/load-volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { describeShared, sharedData } from '../shared-data.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const scan = (path: string) => scanFolder(join(sharedData, path));
const seriesOf = ({ studies }: FolderScan): Series[] => studies.flatMap(({ series }) => series);
const volumesOf = (found: FolderScan) => seriesOf(found).flatMap(({ volumes }) => volumes);

/** The only volume of a folder. */
async function volumeOf(path: string) {
  const volumes = volumesOf(await scan(path));
  expect(volumes).toHaveLength(1);
  return volumes[0]!;
}

describeShared('scanFolder on real scans', () => {
  it('reads a chest CT of 160 slices whose names are not in order', async () => {
    const found = await scan('ct/lidc-chest');
    expect(found).toMatchObject({ filesRead: 160, filesSkipped: 0, problems: [] });
    expect(found.studies[0]?.patientId).toBe('LIDC-IDRI-0314');
    const volume = await volumeOf('ct/lidc-chest');
    expect(describeVerdict(volume.verdict)).toBe('ok: 160 slices, 1 mm apart');
    expect(volume.grid).toMatchObject({
      shapeZyx: [160, 512, 512],
      spacingZyxMm: [1, 0.78125, 0.78125],
      directionsZyx: [
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ],
    });
    const heights = volume.frames.map(({ positionLps }) => positionLps[2]);
    // Written as -679.800049 and -520.800049.
    expect(heights[0]).toBeCloseTo(-679.8, 3);
    expect(heights[159]).toBeCloseTo(-520.8, 3);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    const names = volume.frames.map(({ file }) => file);
    expect(names).not.toEqual([...names].sort());
    expect(volume.frames.every((frame) => frame.rescaleSlope === 1 && frame.rescaleIntercept === -1000)).toBe(
      true,
    );
  });

  it('reads an anonymised CT without UIDs or extensions', async () => {
    const found = await scan('ct/ts-dicom-j2k');
    expect(found).toMatchObject({ filesRead: 20, filesSkipped: 1, problems: [] });
    const [series] = seriesOf(found);
    expect(series).toMatchObject({ modality: 'CT', description: 'CT Body 3.0' });
    const volume = series!.volumes[0]!;
    expect(describeVerdict(volume.verdict)).toBe('ok: 20 slices, 2 mm apart');
    expect(volume.grid?.spacingZyxMm).toEqual([2, 0.9765625, 0.9765625]);
    expect(volume.frames[0]?.positionLps[2]).toBe(-804.5);
    expect(volume.frames[0]?.sopClassUid).toBe('1.2.840.10008.5.1.4.1.1.2');
  });

  it('reshears a tilted gantry', async () => {
    const { verdict, grid, assembly } = await volumeOf('robust/series-bad/gantry-tilt-siemens-ct');
    expect(verdict.outcome).toBe('corrected');
    expect(verdict.findings[0]?.code).toBe('tilt-resheared');
    // Direction cosine −0.2419 is a tilt of 14°; four slices of 4.851 mm are 3.63 mm apart within their planes.
    expect(verdict.findings[0]?.numbers['degrees']).toBeCloseTo(14, 2);
    expect(grid?.spacingZyxMm[0]).toBeCloseTo(4.851, 3);
    expect(grid?.shapeZyx).toEqual([4, 512 + Math.ceil(3.6287 / 0.41796875 - 0.25), 512]);
    expect(assembly.kind === 'reshear' && Math.max(...assembly.shiftYMm)).toBeCloseTo(3.629, 3);
  });

  const refused: Record<string, readonly [string, Record<string, number>]> = {
    'missing-slices-ge-ct': ['gap', { spacingMm: 5, longestMm: 10, gaps: 1, missing: 1 }],
    'not-a-volume-siemens-ct': ['single-position', { slices: 4 }],
    'slice-count-mr': ['too-few-slices', { slices: 2, needed: 3 }],
  };
  for (const [folder, [code, numbers]] of Object.entries(refused)) {
    it(`refuses ${folder}`, async () => {
      const { verdict, grid } = await volumeOf(`robust/series-bad/${folder}`);
      expect(verdict).toEqual({ outcome: 'refused', findings: [{ code, numbers }] });
      expect(grid).toBeNull();
    });
  }

  it('reads a medium with a DICOMDIR', async () => {
    const found = await scan('robust/odd-files/dicomdir');
    expect(found).toMatchObject({ filesRead: 32, filesSkipped: 0, problems: [] });
    expect(new Set(found.studies.map(({ patientId }) => patientId)).size).toBe(2);
    expect(found.studies).toHaveLength(6);
    expect(seriesOf(found)).toHaveLength(13);
    const verdictOf = (description: string) =>
      seriesOf(found)
        .filter((series) => series.description === description)
        .flatMap(({ volumes }) => volumes.map(({ verdict }) => verdict.findings.map(({ code }) => code)));
    expect(verdictOf('Scout')).toEqual([['localizer', 'mixed-orientation']]);
    expect(verdictOf('SmartScore - Gated 0.5 sec')).toEqual([['ok']]);
    expect(verdictOf('Cervical LAT')).toEqual([['missing-geometry']]);
    expect(verdictOf('ANGIO Projected from   C')).toEqual([['mixed-orientation']]);
  });

  it('reads enhanced multi-frame objects', async () => {
    const found = await scan('robust/odd-files/enhanced');
    const ct = seriesOf(found).find(({ modality }) => modality === 'CT')!.volumes[0]!;
    // Rows run to the right, so the normal points down, and the upper frame comes first.
    expect(ct.frames.map(({ frame }) => frame)).toEqual([1, 0]);
    expect(ct.frames.every(({ positionLps }) => positionLps.every(Number.isFinite))).toBe(true);
    // A perfusion map of two slices.
    expect(ct.verdict.findings.map(({ code }) => code)).toEqual(['not-hu', 'too-few-slices']);
    // This MR was stripped of its functional groups: ten frames a file, of which nobody knows the place.
    const mr = seriesOf(found).find(({ modality }) => modality === 'MR')!.volumes[0]!;
    expect(mr.verdict.findings).toEqual([{ code: 'missing-geometry', numbers: { images: 30 } }]);
  });

  it('knows odd single files for what they are', async () => {
    const expected: Record<string, readonly [string, string]> = {
      'CT_small.dcm': ['CT', 'too-few-slices'],
      'MR_small_bigendian.dcm': ['MR', 'too-few-slices'],
      'MR_small_implicit.dcm': ['MR', 'too-few-slices'],
      'MR_truncated.dcm': ['MR', 'truncated'],
      'J2K_pixelrep_mismatch.dcm': ['CT', 'too-few-slices'],
      'explicit_VR-UN.dcm': ['CT', 'too-few-slices'],
      'image_dfl.dcm': ['OT', 'missing-geometry'],
      'SC_rgb_small_odd.dcm': ['OT', 'unsupported-pixels'],
      'GH340.dcm': ['MR', 'unsupported-pixels'],
      'rtdose.dcm': ['RTDOSE', 'not-an-image'],
      'rtstruct.dcm': ['RTSTRUCT', 'not-an-image'],
      'ExplVR_LitEndNoMeta.dcm': ['RTPLAN', 'not-an-image'],
      'test-SR.dcm': ['SR', 'not-an-image'],
    };
    for (const [name, [modality, code]] of Object.entries(expected)) {
      const found = await scan(`robust/odd-files/single/${name}`);
      const [series] = seriesOf(found);
      expect([name, series?.modality, series?.volumes[0]?.verdict.findings[0]?.code]).toEqual([
        name,
        modality,
        code,
      ]);
    }
    expect((await scan('robust/odd-files/single/GH223.dcm')).problems).toHaveLength(1);
    const { problems } = await scan('robust/odd-files/single/MR_truncated.dcm');
    expect(problems[0]?.flaw).toEqual({ code: 'pixels-cut-short', missingBytes: 62 });
  });

  it('tells segmentations from the scan they belong to', async () => {
    const found = await scan('robust/odd-files/seg');
    const codes = seriesOf(found).flatMap(({ modality, volumes }) =>
      volumes.map(({ verdict }) => [modality, verdict.findings[0]?.code]),
    );
    expect(codes).toContainEqual(['CT', 'ok']);
    expect(
      codes.filter(([modality]) => modality === 'SEG').every(([, code]) => code === 'not-an-image'),
    ).toBe(true);
  });

  it('finds copies of a series in another transfer syntax', async () => {
    const volume = await volumeOf('robust/codecs/mr-4slice');
    expect(volume.frames).toHaveLength(4);
    expect(volume.verdict.findings).toEqual([{ code: 'duplicates-dropped', numbers: { duplicates: 4 } }]);
    expect(volume.grid?.spacingZyxMm).toEqual([1, 1, 1]);
  });
});

describeShared('loadVolume on what a scan found', () => {
  it('puts every slice of a tilted gantry in its place on the larger grid', async () => {
    const volume = await volumeOf('robust/series-bad/gantry-tilt-siemens-ct');
    const pool = createPool({ threads: 1 });
    try {
      const { voxels, grid } = await loadVolume({ kind: 'dicom', modality: 'CT', volume }, { pool });
      const [planes, rows, columns] = grid.shapeZyx;
      expect(voxels.length).toBe(planes * rows * columns);
      if (volume.assembly.kind !== 'reshear') throw new Error('not resheared');
      const { shiftYMm } = volume.assembly;
      // The slice that is not shifted is there unchanged, rows 0 to 511; below it is air.
      const still = shiftYMm.indexOf(0);
      const file = readFileSync(volume.frames[still]!.file);
      const stored = new Uint16Array(
        file.buffer.slice(file.byteOffset + file.length - 2 * 512 * 512).slice(0, 2 * 512 * 512),
      );
      const plane = voxels.subarray(still * rows * columns, (still + 1) * rows * columns);
      expect(plane.subarray(0, 512 * 512).every((hu, index) => hu === (stored[index] ?? NaN) - 1024)).toBe(
        true,
      );
      expect(plane.subarray(513 * 512).every((hu) => hu === -1024)).toBe(true);
      // The one shifted most ends at the grid's last rows, and starts with air.
      const most = shiftYMm.indexOf(Math.max(...shiftYMm));
      const moved = voxels.subarray(most * rows * columns, (most + 1) * rows * columns);
      const firstRow = Math.floor(shiftYMm[most]! / grid.spacingZyxMm[1]) - 1;
      expect(moved.subarray(0, firstRow * columns).every((hu) => hu === -1024)).toBe(true);
    } finally {
      await pool.destroy();
    }
  });
});

describeShared('scanFolder on truncated files', () => {
  const files = [
    'ct/lidc-chest/000001.dcm',
    'robust/odd-files/enhanced/eCT_Supplemental.dcm',
    'robust/odd-files/single/image_dfl.dcm',
    'robust/odd-files/single/MR_small_bigendian.dcm',
    'robust/odd-files/single/rtstruct.dcm',
    'robust/odd-files/single/explicit_VR-UN.dcm',
    'robust/odd-files/single/GH340.dcm',
    'robust/odd-files/seg/liver.dcm',
    'robust/odd-files/dicomdir/DICOMDIR',
  ];
  it('survives every tenth of the length', async () => {
    const root = tempDir();
    for (const [index, file] of files.entries()) {
      const bytes = readFileSync(join(sharedData, file));
      for (let tenth = 0; tenth < 10; tenth++) {
        writeFileSync(join(root, `${index}-${tenth}`), bytes.subarray(0, (bytes.length * tenth) / 10));
      }
    }
    const found = await scanFolder(root);
    expect(found.filesRead + found.filesSkipped).toBe(files.length * 10);
    for (const { verdict } of volumesOf(found)) expect(verdict.outcome).toBe('refused');
  });

  it('refuses a series of which one slice is cut, whichever it is', async () => {
    const source = join(sharedData, 'robust/odd-files/seg/ct-3slice');
    const names = readdirSync(source);
    for (const cut of names) {
      const root = tempDir();
      for (const name of names) {
        const bytes = readFileSync(join(source, name));
        writeFileSync(join(root, name), name === cut ? bytes.subarray(0, bytes.length - 100) : bytes);
      }
      const found = await scanFolder(root);
      expect(found.problems).toEqual([
        { file: join(root, cut), flaw: { code: 'pixels-cut-short', missingBytes: 100 } },
      ]);
      expect(volumesOf(found).map(({ verdict }) => verdict)).toEqual([
        { outcome: 'refused', findings: [{ code: 'truncated', numbers: { images: 1, missingBytes: 100 } }] },
      ]);
    }
  });
});
