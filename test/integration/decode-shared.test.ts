import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import type { AppError } from '../../main/contract/app-error.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import type { Vec3, Volume } from '../../main/core/volume/volume.ts';
import { loadVolume } from '../../main/engine/load-volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import type { Pool } from '../../main/engine/pool.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { dicomSource } from '../fixtures/dicom-source.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const single = join(sharedData, 'robust/odd-files/single');
const enhanced = join(sharedData, 'robust/odd-files/enhanced');
const ctImage = join(sharedData, 'robust/codecs/ctimage');

let pool: Pool;
beforeAll(() => {
  pool = createPool({ threads: 2 });
});
afterAll(() => pool.destroy());

type Given = Parameters<typeof dicomSource>[1];

const load = (files: readonly string[], given?: Given) => loadVolume(dicomSource(files, given), { pool });

async function failure(files: readonly string[], given?: Given): Promise<AppError> {
  const error: unknown = await load(files, given).then(
    () => 'nothing failed',
    (reason: unknown) => reason,
  );
  if (error instanceof AppFailure) return error.error;
  throw error;
}

/** The one volume of a folder, found and judged as the product does it. */
async function loadFolder(folder: string): Promise<Volume> {
  const { studies } = await scanFolder(folder);
  const series = studies.flatMap((study) => study.series);
  expect(series).toHaveLength(1);
  const { modality, volumes } = series[0]!;
  expect(volumes).toHaveLength(1);
  return loadVolume({ kind: 'dicom', modality, volume: volumes[0]! }, { pool });
}

function difference(a: Volume, b: Volume): { max: number; mean: number } {
  expect(a.voxels.length).toBe(b.voxels.length);
  let max = 0;
  let sum = 0;
  for (let index = 0; index < a.voxels.length; index++) {
    const error = Math.abs(a.voxels[index]! - b.voxels[index]!);
    if (error > max) max = error;
    sum += error;
  }
  return { max, mean: sum / a.voxels.length };
}

function total({ voxels }: Volume): number {
  let sum = 0;
  for (const value of voxels) sum += value;
  return sum;
}

describeShared('one CT slice in many transfer syntaxes', () => {
  const file = (syntax: string) => {
    const name = readdirSync(ctImage).find((each) => each.endsWith(`_${syntax}.dcm`));
    return join(ctImage, name!);
  };

  it.each([
    '1.2.840.10008.1.2',
    '1.2.840.10008.1.2.1',
    '1.2.840.10008.1.2.1.99',
    '1.2.840.10008.1.2.2',
    '1.2.840.10008.1.2.5',
    '1.2.840.10008.1.2.4.57',
    '1.2.840.10008.1.2.4.70',
    '1.2.840.10008.1.2.4.80',
    '1.2.840.10008.1.2.4.90',
  ])('%s is lossless: every voxel the same', async (syntax) => {
    const reference = await load([join(ctImage, 'CTImage.dcm')]);
    const decoded = await load([file(syntax)]);
    expect(decoded.voxels).toEqual(reference.voxels);
    expect(decoded.voxels).toBeInstanceOf(Int16Array);
  });

  // HU errors of the reference decoder; another inverse DCT may round a sample by one step of its rescale slope.
  it.each([
    ['1.2.840.10008.1.2.4.81', 1, 0.69, 1],
    ['1.2.840.10008.1.2.4.91', 5, 0.57, 1],
    ['1.2.840.10008.1.2.4.51', 35.6, 3.84, 2.1],
    ['1.2.840.10008.1.2.4.53', 35.6, 3.84, 2.1],
    ['1.2.840.10008.1.2.4.55', 35.6, 3.84, 2.1],
    ['1.2.840.10008.1.2.4.50', 64.2, 19.8, 32.2],
  ])('%s is lossy: %d HU off at most, %d on average', async (syntax, max, mean, step) => {
    const error = difference(await load([join(ctImage, 'CTImage.dcm')]), await load([file(syntax)]));
    expect(error.max).toBeLessThanOrEqual(max + step);
    expect(Math.abs(error.mean - mean)).toBeLessThan(0.01 * mean + 0.01);
  });

  it('every file cut at every tenth is refused by name, and the workers go on', async () => {
    const dir = tempDir();
    for (const name of readdirSync(ctImage)) {
      const whole = readFileSync(join(ctImage, name));
      const path = join(dir, name);
      writeFileSync(path, whole);
      const source = dicomSource([path]);
      for (let tenth = 0; tenth < 10; tenth++) {
        writeFileSync(path, whole.subarray(0, Math.floor((whole.length * tenth) / 10)));
        const error: unknown = await loadVolume(source, { pool }).catch((reason: unknown) => reason);
        expect(error, `${name}, ${tenth} tenths`).toBeInstanceOf(AppFailure);
        expect((error as AppFailure).error).toMatchObject({ code: 'input-refused', path });
      }
    }
    expect(total(await load([join(ctImage, 'CTImage.dcm')]))).toBeLessThan(0);
  });
});

describeShared('series', () => {
  it.each(['jpeg', 'rle'])('mr-4slice/%s equals its ground truth', async (folder) => {
    const dir = join(sharedData, 'robust/codecs/mr-4slice');
    const files = readdirSync(join(dir, folder)).map((name) => join(dir, folder, name));
    const { studies } = await scanFolder(join(dir, folder));
    const { modality, volumes } = studies[0]!.series[0]!;
    const { voxels, grid } = await loadVolume({ kind: 'dicom', modality, volume: volumes[0]! }, { pool });
    expect(grid.shapeZyx).toEqual([files.length, 256, 256]);
    const truth = readNifti(gunzipSync(readFileSync(join(dir, 'ground_truth.nii.gz')))).volume;
    expect(total({ voxels, grid })).toBe(33304746);
    // The truth's axes are P, I, L and the slices' columns P, rows I; its slices may run the other way.
    const slice = (of: Volume, k: number) => of.voxels.slice(k * 65536, (k + 1) * 65536);
    const along = grid.directionsZyx[0][0] * truth.grid.directionsZyx[0][0] > 0;
    for (let k = 0; k < 4; k++) {
      const other = slice(truth, along ? k : 3 - k);
      expect(Array.from(slice({ voxels, grid }, k)), `slice ${k}`).toEqual(Array.from(other));
    }
  });

  it('lidc-chest is 160 × 512 × 512, in HU', async () => {
    const volume = await loadFolder(join(sharedData, 'ct/lidc-chest'));
    expect(volume.grid.shapeZyx).toEqual([160, 512, 512]);
    expect(volume.grid.spacingZyxMm).toEqual([1, 0.78125, 0.78125]);
    expect(volume.grid.originLps[2]).toBeCloseTo(-679.8, 3);
    expect(volume.voxels).toBeInstanceOf(Int16Array);
    const sorted = Float32Array.from(volume.voxels.filter((_, index) => index % 97 === 0)).sort();
    // Air around the patient and soft tissue of the abdomen.
    expect(sorted[0]).toBe(-1000);
    expect(sorted.filter((hu) => hu > 20 && hu < 80).length).toBeGreaterThan(0.05 * sorted.length);
    expect(sorted.at(-1)).toBeGreaterThan(500);
  });

  it('ts-dicom-j2k has the mean HU of its labels', async () => {
    const dir = join(sharedData, 'ct/ts-dicom-j2k');
    const volume = await loadFolder(join(dir, 'dicom'));
    expect(volume.grid.shapeZyx).toEqual([20, 512, 512]);
    const labels = readNifti(gunzipSync(readFileSync(join(dir, 'example_seg_dicom.nii.gz')))).volume.voxels;
    const sums = new Map<number, { sum: number; count: number }>();
    for (let index = 0; index < labels.length; index++) {
      const label = labels[index]!;
      if (label === 0) continue;
      const [k, j, i] = [index >> 18, (index >> 9) & 511, index & 511];
      // NIfTI voxel (i, j, k) is column i, row 511 − j of the k-th slice from below.
      const hu = volume.voxels[(k << 18) + ((511 - j) << 9) + i]!;
      const entry = sums.get(label) ?? { sum: 0, count: 0 };
      sums.set(label, { sum: entry.sum + hu, count: entry.count + 1 });
    }
    const mean = (label: number) => sums.get(label)!.sum / sums.get(label)!.count;
    // Given with one decimal.
    for (const [label, hu] of [
      [1, 79.6],
      [5, 89.3],
      [32, 267.0],
      [86, 24.5],
      [79, 17.6],
    ] as const) {
      expect(Math.abs(mean(label) - hu), `label ${label}`).toBeLessThan(0.051);
    }
  });

  it('a tilted gantry is resheared: every voxel is what lies at its place in the patient', async () => {
    const { studies } = await scanFolder(join(sharedData, 'robust/series-bad/gantry-tilt-siemens-ct'));
    const { modality, volumes } = studies[0]!.series[0]!;
    const tilted = volumes[0]!;
    const grid = tilted.grid!;
    const { voxels } = await loadVolume({ kind: 'dicom', modality, volume: tilted }, { pool });
    const plain = {
      ...tilted,
      grid: { ...grid, shapeZyx: [4, 512, 512] as const },
      assembly: { kind: 'stack' } as const,
    };
    const stack = await loadVolume({ kind: 'dicom', modality, volume: plain }, { pool });

    const [planes, rows, columns] = grid.shapeZyx;
    expect([planes, columns]).toEqual([4, 512]);
    expect(rows).toBeGreaterThan(512);
    const [, rowMm, columnMm] = grid.spacingZyxMm;
    const [normal, down, right] = grid.directionsZyx;
    const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let inside = 0;
    for (let z = 0; z < planes; z++) {
      for (let y = 0; y < rows; y += 7) {
        const x = (y * 13 + z) % columns;
        const place = [0, 1, 2].map(
          (axis) =>
            grid.originLps[axis]! +
            z * grid.spacingZyxMm[0] * normal[axis]! +
            y * rowMm * down[axis]! +
            x * columnMm * right[axis]!,
        );
        const from = tilted.frames[z]!.positionLps;
        const offset: Vec3 = [place[0]! - from[0], place[1]! - from[1], place[2]! - from[2]];
        // In the image's own plane, as far as its position was written.
        expect(Math.abs(dot(offset, normal))).toBeLessThan(0.01);
        const row = dot(offset, down) / rowMm;
        const found = voxels[(z * rows + y) * columns + x]!;
        if (row < -0.6 || row > 511.6) expect(found).toBe(-1024);
        if (row < 0 || row > 510) continue;
        inside++;
        const at = z * 512 * 512 + Math.floor(row) * 512 + x;
        const [above, below] = [stack.voxels[at]!, stack.voxels[at + 512]!];
        const share = row - Math.floor(row);
        // Rounded to whole HU; positions are written to 1e-6 mm, which edges of 3000 HU turn into hundredths.
        expect(Math.abs(found - (above * (1 - share) + below * share))).toBeLessThan(0.6);
      }
    }
    expect(inside).toBeGreaterThan(250);
  });
});

describeShared('odd files', () => {
  it('MR_small is the same in every syntax', async () => {
    const reference = await load([join(single, 'MR_small.dcm')]);
    // Read by pydicom.
    expect(total(reference)).toBe(2125338);
    for (const name of ['MR_small_RLE.dcm', 'MR_small_bigendian.dcm', 'MR_small_implicit.dcm']) {
      expect((await load([join(single, name)])).voxels, name).toEqual(reference.voxels);
    }
  });

  it('enhanced MR is the same plain, as RLE and as JPEG-LS', async () => {
    const reference = await load([join(enhanced, 'emri_small.dcm')], { frames: 10 });
    expect(reference.grid.shapeZyx).toEqual([10, 64, 64]);
    expect(total(reference)).toBe(4493276);
    for (const name of ['emri_small_RLE.dcm', 'emri_small_jpeg_ls_lossless.dcm']) {
      expect((await load([join(enhanced, name)], { frames: 10 })).voxels, name).toEqual(reference.voxels);
    }
    expect(total(await load([join(enhanced, 'eCT_Supplemental.dcm')], { frames: 2 }))).toBe(199249408);
  });

  // Sums of the stored values, read by pydicom with Pillow's OpenJPEG.
  it.each([
    ['J2K_pixelrep_mismatch.dcm', -172605258, -2000, 1896],
    ['explicit_VR-UN.dcm', -175887460, -1024, 1186],
    ['image_dfl.dcm', 33322688, 0, 255],
    ['CT_small.dcm', 14826310 - 1024 * 128 * 128, 128 - 1024, 2191 - 1024],
  ])('%s', async (name, sum, low, high) => {
    const volume = await load([join(single, name)]);
    expect(total(volume)).toBe(sum);
    const sorted = Float64Array.from(volume.voxels).sort();
    expect([sorted[0], sorted.at(-1)]).toEqual([low, high]);
  });

  it('32-bit dose frames are read as float', async () => {
    const volume = await load([join(single, 'rtdose.dcm')], { frames: 15 });
    expect(volume.voxels).toBeInstanceOf(Float32Array);
    expect(total(volume)).toBe(1519910000);
  });

  it.each([
    ['MR_truncated.dcm', 'the pixel data are cut short: 8130 bytes of 8192 are there'],
    ['SC_rgb_small_odd.dcm', 'not a grey image (RGB, 3 samples a pixel)'],
    ['test-SR.dcm', 'the file has no pixel data'],
  ])('%s is refused by name', async (name, detail) => {
    const path = join(single, name);
    expect(await failure([path])).toEqual({ code: 'input-refused', path, detail });
  });

  it('files that are no images are refused, and nothing hangs', async () => {
    const template = dicomSource([join(single, 'CT_small.dcm')]);
    const seg = join(sharedData, 'robust/odd-files/seg');
    const paths = [
      ...['ExplVR_LitEndNoMeta.dcm', 'GH223.dcm', 'GH340.dcm', 'no_meta.dcm', 'rtstruct.dcm'].map((n) =>
        join(single, n),
      ),
      ...['liver.dcm', 'liver_deflate.dcm', 'liver_rle.dcm'].map((name) => join(seg, name)),
    ];
    for (const path of paths) {
      const frames = template.volume.frames.map((frame) => ({ ...frame, file: path }));
      const volume = { ...template.volume, frames };
      const error: unknown = await loadVolume({ ...template, volume }, { pool }).catch(
        (reason: unknown) => reason,
      );
      expect(error, path).toBeInstanceOf(AppFailure);
      expect((error as AppFailure).error, path).toMatchObject({ code: 'input-refused', path });
    }
    const folder = join(tempDir(), 'folder');
    mkdirSync(folder);
    const frames = template.volume.frames.map((frame) => ({ ...frame, file: folder }));
    const error: unknown = await loadVolume(
      { ...template, volume: { ...template.volume, frames } },
      { pool },
    ).catch((reason: unknown) => reason);
    expect((error as AppFailure).error).toMatchObject({ path: folder });
  });
});
