import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { VolumeSource } from '../../main/contract/engine-protocol.ts';
import type { SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { writeNifti } from '../../main/core/nifti/write-nifti.ts';
import { orientGrid, type Orientation } from '../../main/core/volume/orientation.ts';
import { denseView, orientView } from '../../main/core/volume/strided-view.ts';
import type { Grid, Labelmap, Vec3, Volume } from '../../main/core/volume/volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { dicomBytes } from '../fixtures/dicom-bytes.ts';
import { gather, modelWith, smoothVolume } from '../fixtures/preprocessing.ts';
import { sliceFields } from '../fixtures/slice-fields.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';
import { allOrientations } from '../unit/core/volume/orientations.ts';

// Left and right, front and back, up and down: however a scanner or a converter stored the voxels, the labels lie at
// the same places of the patient. The network's random 3×3×3 kernels see a different image wherever an axis is turned.
const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

const shape: Vec3 = [13, 17, 11];
const spacingMm: Vec3 = [2, 1, 0.8];
const classes = 5;

/** Axial, or tilted by 20° about the patient's left-right axis and then by 15° about the vertical one. */
function referenceVolume(oblique: boolean): Volume {
  const [tilt, turn] = oblique ? [(20 * Math.PI) / 180, (15 * Math.PI) / 180] : [0, 0];
  const rotate = ([x, y, z]: Vec3): Vec3 => {
    const [y1, z1] = [y * Math.cos(tilt) - z * Math.sin(tilt), y * Math.sin(tilt) + z * Math.cos(tilt)];
    return [x * Math.cos(turn) - y1 * Math.sin(turn), x * Math.sin(turn) + y1 * Math.cos(turn), z1];
  };
  return {
    voxels: smoothVolume(shape),
    grid: {
      shapeZyx: shape,
      spacingZyxMm: spacingMm,
      originLps: [-31, 14, 107],
      directionsZyx: [rotate([0, 0, 1]), rotate([0, 1, 0]), rotate([1, 0, 0])],
    },
  };
}

/** The same image as another scanner would store it. */
function stored(volume: Volume, orientation: Orientation): Volume {
  const view = orientView(denseView(volume.grid.shapeZyx), orientation);
  return { voxels: Int16Array.from(gather(volume.voxels, view)), grid: orientGrid(volume.grid, orientation) };
}

function writeNiftiFile({ voxels, grid }: Volume): VolumeSource {
  const path = join(tempDir(), 'volume.nii');
  writeFileSync(path, Buffer.concat(writeNifti(voxels, grid, 'test')));
  return { kind: 'nifti', path };
}

/** One file a slice, the last slice first. The scan finds out by itself how the slices lie. */
async function writeDicomFiles({ voxels, grid }: Volume): Promise<VolumeSource> {
  const folder = tempDir();
  const [slices, rows, columns] = grid.shapeZyx;
  const [sliceMm, rowMm, columnMm] = grid.spacingZyxMm;
  const [along, down, across] = grid.directionsZyx;
  const decimal = (value: number) => Number(value.toFixed(9));
  for (let slice = 0; slice < slices; slice++) {
    const pixels = voxels.slice(slice * rows * columns, (slice + 1) * rows * columns);
    const fields = sliceFields(slice, {
      '00200032': ['DS', grid.originLps.map((mm, i) => decimal(mm + along[i] * slice * sliceMm))],
      '00200037': ['DS', [...across, ...down].map(decimal)],
      '00280010': ['US', rows],
      '00280011': ['US', columns],
      '00280030': ['DS', [rowMm, columnMm]],
      '00281052': ['DS', '0'],
      '7fe00010': ['OW', new Uint8Array(pixels.buffer)],
    });
    writeFileSync(join(folder, `${slices - slice}`), dicomBytes(fields));
  }
  const [study] = (await scanFolder(folder)).studies;
  const { modality, volumes } = study!.series[0]!;
  return { kind: 'dicom', modality, volume: volumes[0]! };
}

function modelOf(change: Partial<SegmentationModel> = {}): SegmentationModel {
  return modelWith([{ kind: 'zscore', useMask: false }], {
    labels: Array.from({ length: classes - 1 }, (_, i) => ({ value: i + 1, name: `${i + 1}` })) as never,
    decision: { kind: 'argmax', values: Array.from({ length: classes }, (_, c) => c) },
    orientation: 'SAR',
    transposeForward: [1, 2, 0],
    spacingMm: [1.3, 1.1, 1.7],
    patch: [16, 16, 16],
    ...change,
  });
}

async function segment(source: VolumeSource, model: SegmentationModel): Promise<Labelmap> {
  const { grid, labelsGz } = await runSegmentJob(
    {
      jobId: 'job',
      channels: [source],
      model,
      networks: [tinyNetworkOnnx({ classes, seed: 11 })],
      device: { provider: 'cpu', deviceId: 0, name: 'CPU' },
      threads: 1,
      finishedSlabs: [],
    },
    { pool, signal: new AbortController().signal, send: () => undefined },
  );
  return { labels: gunzipSync(labelsGz), grid };
}

/** Index of the voxel of `grid` whose centre is at a point in the patient, by the definition of `Grid`. */
function indexAt({ shapeZyx, spacingZyxMm, originLps, directionsZyx }: Grid, pointLps: Vec3): number {
  const index = directionsZyx.map((direction, axis) => {
    const mm = direction.reduce((sum, component, i) => sum + component * (pointLps[i] - originLps[i]), 0);
    // Positions in the files have nine decimals in DICOM and 24 bits in NIfTI.
    expect(Math.abs(mm / spacingZyxMm[axis] - Math.round(mm / spacingZyxMm[axis]))).toBeLessThan(1e-4);
    return Math.round(mm / spacingZyxMm[axis]);
  });
  expect(index.every((at, axis) => at >= 0 && at < shapeZyx[axis])).toBe(true);
  return (index[0] * shapeZyx[1] + index[1]) * shapeZyx[2] + index[2];
}

/** Fraction of the voxels of `a` whose label `b` has at the same point of the patient. */
function agreementInPatient(a: Labelmap, b: Labelmap): number {
  const { shapeZyx, spacingZyxMm, originLps, directionsZyx } = a.grid;
  expect(a.labels.length).toBe(b.labels.length);
  let same = 0;
  let at = 0;
  for (let z = 0; z < shapeZyx[0]; z++) {
    for (let y = 0; y < shapeZyx[1]; y++) {
      for (let x = 0; x < shapeZyx[2]; x++) {
        const point = originLps.map((mm, i) =>
          [z, y, x].reduce(
            (sum, index, axis) => sum + index * spacingZyxMm[axis] * directionsZyx[axis][i],
            mm,
          ),
        ) as unknown as Vec3;
        if (a.labels[at++] === b.labels[indexAt(b.grid, point)]) same++;
      }
    }
  }
  return same / a.labels.length;
}

// Axes are resampled in another order and rounded to float32 between, so that a near tie may fall otherwise.
const nearlyAll = 0.998;

const cases = { 'nnU-Net, oblique': true, 'TotalSegmentator, axial': false };

describe('labels in the patient', () => {
  it.each(Object.entries(cases))(
    'do not depend on how a NIfTI file stores the image (%s)',
    async (_, oblique) => {
      const volume = referenceVolume(oblique);
      const model = modelOf(oblique ? {} : { resampling: { kind: 'totalsegmentator', dataOrder: 3 } });
      const expected = await segment(writeNiftiFile(volume), model);
      for (const orientation of allOrientations) {
        const labelmap = await segment(writeNiftiFile(stored(volume, orientation)), model);
        expect(agreementInPatient(labelmap, expected), JSON.stringify(orientation)).toBeGreaterThan(
          nearlyAll,
        );
      }
    },
  );

  it('do not depend on how DICOM slices store the image', async () => {
    const volume = referenceVolume(true);
    const expected = await segment(writeNiftiFile(volume), modelOf());
    // Slices are sorted along the cross product of rows and columns: half of the ways give the other half's files.
    for (const orientation of allOrientations.filter(isRotation)) {
      const labelmap = await segment(await writeDicomFiles(stored(volume, orientation)), modelOf());
      expect(agreementInPatient(labelmap, expected), JSON.stringify(orientation)).toBeGreaterThan(nearlyAll);
    }
  });

  it('would differ if an axis were turned', async () => {
    const volume = referenceVolume(true);
    const expected = await segment(writeNiftiFile(volume), modelOf());
    expect(new Set(expected.labels).size).toBeGreaterThan(3);
    for (const orientation of ['SAL', 'SPR', 'IAR', 'ASR']) {
      const turned = await segment(writeNiftiFile(volume), modelOf({ orientation }));
      expect(agreementInPatient(turned, expected), orientation).toBeLessThan(0.9);
    }
  });
});

/** Whether the axes are as right-handed afterwards as before. */
function isRotation({ permutation: [a, b, c], flips }: Orientation): boolean {
  const swaps = Number(a > b) + Number(a > c) + Number(b > c);
  return (swaps + flips.filter(Boolean).length) % 2 === 0;
}
