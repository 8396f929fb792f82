import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import { exportResult } from '../../main/engine/export-result.ts';
import { createPool } from '../../main/engine/pool.ts';
import type { Pool } from '../../main/engine/pool.ts';
import { makeExportRequest } from '../fixtures/export-request.ts';

/**
 * Two readers that share nothing with this product, each by its own format's rules: pydicom by position, orientation and
 * spacing of each frame, nibabel by the affine. Prints for each label how many voxels a SEG has, how many of them the
 * NIfTI file labels alike at the same place of the patient, how far apart those places are, and their centre, LPS.
 */
const compare = `
import json, sys, numpy as np, pydicom, nibabel
seg, nifti, values = pydicom.dcmread(sys.argv[1]), nibabel.load(sys.argv[2]), json.loads(sys.argv[3])
labels, affine = np.asarray(nifti.dataobj), nifti.affine
shared = seg.SharedFunctionalGroupsSequence[0]
x, y = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
between_rows, between_columns = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
names = {s.SegmentNumber: s.SegmentLabel for s in seg.SegmentSequence}
points = {}
for group, pixels in zip(seg.PerFrameFunctionalGroupsSequence, seg.pixel_array):
    origin = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
    for number in np.unique(pixels[pixels > 0]):
        segment = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber if 'SegmentIdentificationSequence' in group else number
        row, column = np.nonzero(pixels == number)
        points.setdefault(names[segment], []).append(origin + np.outer(column, x * between_columns) + np.outer(row, y * between_rows))
found = {}
for name, parts in points.items():
    lps = np.concatenate(parts)
    ras = lps * [-1, -1, 1]
    ijk = np.rint((ras - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T).astype(int)
    apart = np.abs(ijk @ affine[:3, :3].T + affine[:3, 3] - ras).max()
    alike = int((labels[tuple(ijk.T)] == values[name]).sum())
    centre = affine[:3, :3] @ np.argwhere(labels == values[name]).mean(0) + affine[:3, 3]
    found[name] = dict(seg=len(lps), alike=alike, nifti=int((labels == values[name]).sum()), apart=float(apart),
        segCentre=lps.mean(0).tolist(), niftiCentre=(centre * [-1, -1, 1]).tolist())
print(json.dumps(found))`;

interface Comparison {
  readonly seg: number;
  readonly alike: number;
  readonly nifti: number;
  readonly apart: number;
  readonly segCentre: Vec3;
  readonly niftiCentre: Vec3;
}

const hasReaders = spawnSync('/usr/bin/python3', ['-c', 'import pydicom, nibabel']).status === 0;
const [c, s] = [Math.cos(0.3), Math.sin(0.3)];

/** Rows of direction cosines z, y, x: z the normal, as grids of DICOM series have it. */
const orientations: readonly (readonly [string, Grid['directionsZyx']])[] = [
  ['axial', [[0, 0, 1], [0, 1, 0], [1, 0, 0]]], // prettier-ignore
  ['coronal', [[0, 1, 0], [0, 0, -1], [1, 0, 0]]], // prettier-ignore
  ['sagittal', [[-1, 0, 0], [0, 0, -1], [0, 1, 0]]], // prettier-ignore
  ['prone, feet first', [[0, 0, -1], [0, -1, 0], [1, 0, 0]]], // prettier-ignore
  ['oblique', [[s * s, -s * c, c], [-c * s, c * c, s], [-c, -s, 0]]], // prettier-ignore
];

describe.skipIf(!hasReaders)('the place of a result in the patient', () => {
  let pool: Pool;
  let folder: string;
  beforeAll(() => {
    pool = createPool({ threads: 1 });
    folder = mkdtempSync(join(tmpdir(), 'thinslice-geometry-'));
  });
  afterAll(async () => {
    await pool.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(orientations)('is one to pydicom and nibabel, voxel for voxel: %s', async (name, directionsZyx) => {
    const { request, labels } = makeExportRequest(mkdtempSync(join(folder, 'case-')));
    const grid = { ...request.grid, directionsZyx };
    const files = await exportResult(
      { ...request, grid, formats: ['seg', 'seg-labelmap', 'nifti'] },
      { pool },
    );
    const values = Object.fromEntries(request.model.labels.map((label) => [label.name, label.value]));
    const [binary, labelmap, nifti] = files.map(({ path }) => path);
    for (const seg of [binary!, labelmap!]) {
      const found = JSON.parse(
        execFileSync('/usr/bin/python3', ['-c', compare, seg, nifti!, JSON.stringify(values)], {
          encoding: 'utf8',
        }),
      ) as Record<string, Comparison>;
      expect(Object.keys(found).sort()).toEqual(Object.keys(values).sort());
      for (const [label, { seg: count, alike, nifti: inNifti, apart, ...centres }] of Object.entries(found)) {
        const expected = centreOf(labels, values[label]!, grid);
        expect([name, label, count, alike, inNifti]).toEqual([name, label, ...Array(3).fill(expected.count)]);
        // The affine is written in float32: at 100 mm its steps are 8e-6 mm.
        expect(apart).toBeLessThan(1e-4);
        for (const centre of [centres.segCentre, centres.niftiCentre])
          centre.forEach((mm, axis) => expect(mm).toBeCloseTo(expected.centre[axis]!, 4));
      }
    }
  });
});

/** Voxels of a label and their centre of mass, LPS, by the grid alone. */
function centreOf(
  labels: Uint8Array,
  value: number,
  { shapeZyx, spacingZyxMm, originLps, directionsZyx }: Grid,
): { count: number; centre: number[] } {
  const [, rows, columns] = shapeZyx;
  const sums = [0, 0, 0];
  let count = 0;
  labels.forEach((label, at) => {
    if (label !== value) return;
    count++;
    const indices = [Math.floor(at / (rows * columns)), Math.floor(at / columns) % rows, at % columns];
    indices.forEach((index, axis) => (sums[axis]! += index));
  });
  const centre = originLps.map((origin, component) =>
    directionsZyx.reduce(
      (mm, direction, axis) => mm + (sums[axis]! / count) * spacingZyxMm[axis]! * direction[component]!,
      origin,
    ),
  );
  return { count, centre };
}
