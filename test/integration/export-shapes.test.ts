import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportFormat, ExportRequest } from '../../main/contract/engine-protocol.ts';
import { boundsOf } from '../fixtures/label-bounds.ts';
import { exportResult } from '../../main/engine/export-result.ts';
import { createPool, type Pool } from '../../main/engine/pool.ts';
import { makeExportRequest } from '../fixtures/export-request.ts';

let pool: Pool;
let folder: string;
let request: ExportRequest;
let labels: Uint8Array;

beforeAll(() => {
  pool = createPool({ threads: 2 });
});
afterAll(() => pool.destroy());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thinslice-shapes-'));
  ({ request, labels } = makeExportRequest(folder));
  withLabels(labels);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Exports other labels, measured as they are. */
function withLabels(other: Uint8Array): void {
  labels = other;
  const measurements = request.measurements.map((each) => ({
    ...each,
    voxels: countOf(each.value),
    boundsZyx: boundsOf(labels, request.grid.shapeZyx, each.value),
  }));
  request = { ...request, measurements, labelsGz: gzipSync(labels) };
}

const run = (formats: readonly ExportFormat[], changed: Partial<ExportRequest> = {}) =>
  exportResult({ ...request, ...changed, formats }, { pool });
const bytesOf = (name: string) => readFileSync(join(request.outDir, name));
const countOf = (value: number) => labels.filter((label) => label === value).length;
const voxelMm3 = () => request.grid.spacingZyxMm.reduce((product, mm) => product * mm, 1);

/** Volume inside the triangles of a binary STL file: the divergence theorem over its corners. */
function volumeOfStl(stl: Uint8Array): { volume: number; triangles: number; comment: string } {
  const view = new DataView(stl.buffer, stl.byteOffset, stl.byteLength);
  const triangles = view.getUint32(80, true);
  expect(stl.length).toBe(84 + 50 * triangles);
  let volume = 0;
  for (let t = 0; t < triangles; t++) {
    const p = Array.from({ length: 9 }, (_, i) => view.getFloat32(84 + 50 * t + 12 + 4 * i, true));
    volume +=
      (p[0]! * (p[4]! * p[8]! - p[5]! * p[7]!) +
        p[1]! * (p[5]! * p[6]! - p[3]! * p[8]!) +
        p[2]! * (p[3]! * p[7]! - p[4]! * p[6]!)) /
      6;
  }
  return { volume, triangles, comment: new TextDecoder().decode(stl.subarray(0, 80)) };
}

describe('surfaces as STL', () => {
  it('are one closed surface a label, of about its volume, in one zip', async () => {
    withLabels(
      labels.map((_, at) => {
        const [y, x] = [Math.floor(at / 26) % 22, at % 26];
        return y < 3 || y > 17 ? 0 : x < 14 ? 1 : x < 22 ? 4 : 0;
      }),
    );
    await run(['stl']);
    const files = unzipSync(bytesOf('chest.stl.zip'));
    expect(Object.keys(files)).toEqual(['README.txt', '001-lung.stl', '004-_2_2.stl']);
    expect(new TextDecoder().decode(files['README.txt'])).toContain(
      'Research use only. Not for clinical use.',
    );
    for (const [name, value] of Object.entries({ '001-lung.stl': 1, '004-_2_2.stl': 4 })) {
      const { volume, triangles, comment } = volumeOfStl(files[name]!);
      expect(comment).toContain('Research use only');
      expect(triangles).toBeGreaterThan(10);
      const expected = countOf(value) * voxelMm3();
      // The surface cuts corners and edges off.
      expect(volume).toBeGreaterThan(0.85 * expected);
      expect(volume).toBeLessThan(1.05 * expected);
    }
  });

  it('of single voxels stay, unsmoothed', async () => {
    await run(['stl']);
    const { volume } = volumeOfStl(unzipSync(bytesOf('chest.stl.zip'))['004-_2_2.stl']!);
    // Half way to the next voxels on all sides: an octahedron of a sixth of the voxel.
    expect(volume).toBeCloseTo((countOf(4) * voxelMm3()) / 6, 1);
  });

  it('need no DICOM source', async () => {
    await run(['stl'], { source: { kind: 'nifti', path: '/nowhere.nii' } });
    expect(Object.keys(unzipSync(bytesOf('chest.stl.zip')))).toHaveLength(3);
  });
});

describe('an RT Structure Set', () => {
  it('refuses what has no images to refer to', async () => {
    const source = { kind: 'nifti', path: '/nowhere.nii' } as const;
    await expect(run(['rtstruct'], { source })).rejects.toMatchObject({ error: { code: 'usage' } });
  });
});

const hasValidator = spawnSync('dciodvfy', ['-version']).error === undefined;
describe.skipIf(!hasValidator)('dciodvfy (dicom3tools)', () => {
  it('finds no error in the RT Structure Set', async () => {
    await run(['rtstruct']);
    const { stderr } = spawnSync('dciodvfy', [join(request.outDir, 'chest.rtstruct.dcm')], {
      encoding: 'utf8',
    });
    expect(stderr).toContain('RTStructureSet');
    expect(stderr.split('\n').filter((line) => line.includes('Error'))).toEqual([]);
  });
});

const hasPydicom = spawnSync('/usr/bin/python3', ['-c', 'import pydicom']).status === 0;
describe.skipIf(!hasPydicom)('pydicom', () => {
  const [c, d] = [Math.cos(0.4), Math.sin(0.4)];
  const oblique: ExportRequest['grid']['directionsZyx'] = [
    [0, -d, c],
    [0, c, d],
    [1, 0, 0],
  ];
  it.each([
    ['an axial', null],
    ['an oblique', oblique],
  ])(
    'reads the contours of %s series: their area is that of the voxels, plane by plane',
    async (_name, turned) => {
      if (turned) {
        const grid = { ...request.grid, directionsZyx: turned };
        const source = request.source as Extract<ExportRequest['source'], { kind: 'dicom' }>;
        request = { ...request, grid, source: { ...source, volume: { ...source.volume, grid } } };
      }
      await run(['rtstruct']);
      const script = `
import json, sys, pydicom
d = pydicom.dcmread(sys.argv[1])
normal = json.loads(sys.argv[2])
depths = {}
names = {int(r.ROINumber): [str(r.ROIName), r.ReferencedFrameOfReferenceUID, r.ROIGenerationAlgorithm] for r in d.StructureSetROISequence}
rois = []
for roi in d.ROIContourSequence:
    planes = {}
    for c in roi.get('ContourSequence', []):
        p = [float(v) for v in c.ContourData]
        points = list(zip(p[0::3], p[1::3], p[2::3]))
        assert len(points) == int(c.NumberOfContourPoints) and c.ContourGeometricType == 'CLOSED_PLANAR'
        first = points[0]
        rel = [tuple(q[i] - first[i] for i in range(3)) for q in points]
        cross = lambda a, b: (a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0])
        parts = [cross(a, b) for a, b in zip(rel, rel[1:] + rel[:1])]
        area = sum(sum(part[i] for part in parts) ** 2 for i in range(3)) ** 0.5 / 2
        image = c.ContourImageSequence[0].ReferencedSOPInstanceUID
        depth = [sum(q[i] * normal[i] for i in range(3)) for q in points]
        assert max(depth) - min(depth) < 0.005
        depths[image] = depth[0]
        planes[image] = planes.get(image, 0) + area
    rois.append({'name': names[int(roi.ReferencedROINumber)], 'color': [int(v) for v in roi.ROIDisplayColor], 'planes': planes})
frame = d.ReferencedFrameOfReferenceSequence[0]
series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
print(json.dumps({'rois': rois, 'depths': depths, 'frame': frame.FrameOfReferenceUID, 'series': series.SeriesInstanceUID,
  'images': [i.ReferencedSOPInstanceUID for i in series.ContourImageSequence], 'name': str(d.PatientName),
  'description': d.StructureSetDescription, 'study': d.StudyInstanceUID}))`;
      const path = join(request.outDir, 'chest.rtstruct.dcm');
      const [normal] = request.grid.directionsZyx;
      const args = ['-c', script, path, JSON.stringify(normal)];
      const read = JSON.parse(execFileSync('/usr/bin/python3', args, { encoding: 'utf8' }));
      expect(read).toMatchObject({ frame: '2.25.3', series: '2.25.2', name: 'Doe^Jané', study: '2.25.1' });
      expect(read.images).toEqual([0, 1, 2, 3, 4].map((z) => `2.25.10${z}`));
      expect(read.description).toContain('Research use only. Not for clinical use.');
      expect(read.rois.map(({ name, color }: { name: string; color: number[] }) => [name, color])).toEqual([
        [
          ['lung', '2.25.3', 'AUTOMATIC'],
          [10, 200, 30],
        ],
        [
          ['=2+2', '2.25.3', 'AUTOMATIC'],
          [240, 230, 200],
        ],
      ]);
      const { shapeZyx, spacingZyxMm, originLps } = request.grid;
      const planeSize = shapeZyx[1] * shapeZyx[2];
      for (const [index, value] of [1, 4].entries()) {
        for (let z = 0; z < shapeZyx[0]; z++) {
          const plane = labels.subarray(z * planeSize, (z + 1) * planeSize);
          const expected =
            plane.filter((label) => label === value).length * spacingZyxMm[1] * spacingZyxMm[2];
          const image = `2.25.10${z}`;
          const area = read.rois[index].planes[image] ?? 0;
          if (area > 0) {
            const depth =
              originLps.reduce((sum, mm, axis) => sum + mm * normal[axis]!, 0) + z * spacingZyxMm[0];
            expect(read.depths[image]).toBeCloseTo(depth, 1);
          }
          // Points are rounded to a micrometre, and an outline has hundreds of them.
          expect(area).toBeCloseTo(expected, 1);
        }
      }
    },
  );
});

describe('a PDF report', () => {
  const pages = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length;

  it('is one page, with names of other scripts, and embeds all fonts', async () => {
    const source = request.source as Extract<ExportRequest['source'], { kind: 'dicom' }>;
    const study = { ...source.study, patientName: 'Łukasiewicz-Müller^Ἰώαννα Жанна' };
    const review = { state: 'accepted', note: 'geprüft', reviewedAt: '2026-01-01T00:00:00Z' } as const;
    await run(['pdf'], { source: { ...source, study }, review });
    const pdf = bytesOf('chest.pdf');
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pages(pdf)).toBe(1);
    const fonts = pdf.toString('latin1').match(/\/BaseFont \/[^\s/]+/g) ?? [];
    expect(fonts.length).toBeGreaterThan(3);
    expect(fonts.every((name) => name.includes('Inter'))).toBe(true);
  });

  it('stays one page with 117 labels', async () => {
    const [label] = request.model.labels;
    const [measured] = request.measurements;
    const values = Array.from({ length: 117 }, (_, index) => index + 1);
    await run(['pdf'], {
      model: {
        ...request.model,
        labels: values.map((value) => ({ ...label!, value, name: `label_${value}` })),
      },
      measurements: values.map((value) => ({ ...measured!, value, name: `label_${value}_with_a_long_name` })),
    });
    expect(pages(bytesOf('chest.pdf'))).toBe(1);
  });

  const hasGhostscript = spawnSync('gs', ['-v']).error === undefined;
  it.skipIf(!hasGhostscript)('says what was done, and that it is for research', async () => {
    await run(['pdf']);
    const args = [
      '-q',
      '-dBATCH',
      '-dNOPAUSE',
      '-sDEVICE=txtwrite',
      '-o',
      '-',
      join(request.outDir, 'chest.pdf'),
    ];
    const text = execFileSync('gs', args, { encoding: 'utf8' });
    for (const words of [
      'Research use only. Not for clinical use.',
      'test model',
      'lung',
      request.provenance.modelSha256.slice(0, 32),
    ]) {
      expect(text).toContain(words);
    }
  });
});
