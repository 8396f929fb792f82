import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NiftiFormatError } from '../../../../main/core/nifti/nifti-format-error.ts';
import { readNifti } from '../../../../main/core/nifti/read-nifti.ts';
import { niftiHeaderBytes, readNiftiHeader } from '../../../../main/core/nifti/read-nifti-header.ts';
import type { Vec3 } from '../../../../main/core/volume/volume.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';
import { makeNifti, voxelTypes } from './make-nifti.ts';

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

describe('reading voxels', () => {
  const values = [0, 1, 2, 3, 100, 101, 102, 127];
  it.each(
    Object.keys(voxelTypes).flatMap((code) => [1, 2].flatMap((v) => [true, false].map((l) => [code, v, l]))),
  )('reads data type %s of NIfTI-%s, little endian %s', (code, version, little) => {
    const fixture = { code: Number(code), version: version as 1 | 2, little: little as boolean, values };
    const { volume } = readNifti(makeNifti({ ...fixture, srow: identity }));
    expect([...volume.voxels]).toEqual(values);
    expect(volume.grid.shapeZyx).toEqual([2, 2, 2]);
  });

  it('reads negative values of every signed type', () => {
    for (const code of [4, 8, 16, 64, 256, 1024]) {
      for (const little of [true, false]) {
        const { volume } = readNifti(makeNifti({ code, little, values: [-1, -128, 5, 0, 0, 0, 0, 0] }));
        expect([...volume.voxels.subarray(0, 3)]).toEqual([-1, -128, 5]);
      }
    }
  });

  it('views the bytes in place where it can, and copies where they are not aligned', () => {
    const bytes = makeNifti({ values });
    expect(readNifti(bytes).volume.voxels.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect([...readNifti(shifted.subarray(1)).volume.voxels]).toEqual(values);
  });

  it('scales by slope and intercept, and not where the slope is 0', () => {
    const { volume } = readNifti(makeNifti({ values, slope: 2, intercept: -1024 }));
    expect([...volume.voxels]).toEqual(values.map((value) => value * 2 - 1024));
    expect(volume.voxels).toBeInstanceOf(Float32Array);
    expect([...readNifti(makeNifti({ values, slope: 0, intercept: 7 })).volume.voxels]).toEqual(values);
  });

  it('takes a fourth dimension of one', () => {
    expect(readNifti(makeNifti({ dims: [4, 2, 2, 2, 1], values })).volume.voxels).toHaveLength(8);
  });
});

describe('reading geometry', () => {
  const values = [0, 0, 0, 0, 0, 0, 0, 0];
  it('prefers sform, turns RAS into LPS, and names axes k, j, i', () => {
    const srow = [0, 0, 3, 10, 2, 0, 0, 20, 0, -1.5, 0, 30];
    const { grid } = readNifti(
      makeNifti({ values, srow, qform: { bcd: [0, 0, 0], offset: [9, 9, 9] } }),
    ).volume;
    expect(grid).toEqual({
      shapeZyx: [2, 2, 2],
      spacingZyxMm: [3, 1.5, 2],
      originLps: [-10, -20, 30],
      directionsZyx: [
        [-1, -0, 0],
        [-0, -0, -1],
        [-0, -1, 0],
      ],
    });
  });

  it('reads qform: a quarter turn about z and a mirrored k', () => {
    const half = Math.SQRT1_2;
    const qform = { bcd: [0, 0, half] as Vec3, offset: [1, 2, 3] as Vec3 };
    const { grid } = readNifti(makeNifti({ values, pixdim: [-1, 2, 3, 4], qform })).volume;
    expect(grid.spacingZyxMm.map((mm) => Math.round(mm * 1e5) / 1e5)).toEqual([4, 3, 2]);
    expect(grid.originLps).toEqual([-1, -2, 3]);
    const expected = [
      [0, 0, -1],
      [1, 0, 0],
      [0, -1, 0],
    ];
    // float32 quaternion: 1e-6.
    grid.directionsZyx.forEach((axis, a) =>
      axis.forEach((v, n) => expect(v).toBeCloseTo(expected[a]![n]!, 6)),
    );
  });

  it('falls back on voxel sizes with i growing to the left, as nibabel does', () => {
    const { grid } = readNifti(makeNifti({ values, pixdim: [1, 2, 3, 4] })).volume;
    expect(grid.spacingZyxMm).toEqual([4, 3, 2]);
    expect(grid.directionsZyx[2][0]).toBe(1);
    expect(grid.originLps).toEqual([-1, 1.5, -2]);
  });

  it('converts metres and micrometres', () => {
    const { grid } = readNifti(makeNifti({ values, srow: identity, units: 3 })).volume;
    expect(grid.spacingZyxMm[0]).toBeCloseTo(0.001, 12);
  });
});

describe('refusing', () => {
  const values = [0, 0, 0, 0, 0, 0, 0, 0];
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /too short/],
    ['text', new TextEncoder().encode('hello'.repeat(200)), /not a NIfTI/],
    ['sizes beyond the file', makeNifti({ values, dims: [3, 30000, 30000, 30000] }), /cut off/],
    [
      'sizes beyond counting',
      makeNifti({ values, version: 2, dims: [3, 2 ** 40, 2 ** 40, 2] }),
      /impossible/,
    ],
    ['a negative size', makeNifti({ values, dims: [3, -2, 2, 2] }), /impossible/],
    ['two dimensions', makeNifti({ values, dims: [2, 2, 2, 1] }), /2 dimensions/],
    ['a time series', makeNifti({ values, dims: [4, 2, 2, 1, 2] }), /2 volumes/],
    ['an offset inside the header', makeNifti({ values, voxOffset: 0 }), /vox_offset/],
    ['an offset beyond the file', makeNifti({ values, voxOffset: 1e12 }), /cut off/],
    ['an offset that is no number', makeNifti({ values, voxOffset: NaN }), /vox_offset/],
    ['colours', makeNifti({ values, code: 128 }), /data type 128/],
    ['an empty axis', makeNifti({ values, srow: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] }), /without length/],
    [
      'NaN in the affine',
      makeNifti({ values, srow: [NaN, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }),
      /not a number/,
    ],
    [
      'shear',
      makeNifti({ values, srow: [1, 0, 0, 0, 0.2, 1, 0, 0, 0, 0, 1, 0] }),
      /sheared by 11\.31 degrees/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readNifti(bytes)).toThrow(NiftiFormatError);
    expect(() => readNifti(bytes)).toThrow(message);
  });

  it('refuses a file cut off anywhere', () => {
    const bytes = makeNifti({ values });
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => readNifti(bytes.subarray(0, length))).toThrow(NiftiFormatError);
    }
  });
});

describeShared('real NIfTI files', () => {
  const load = (path: string) => Uint8Array.from(gunzipSync(readFileSync(`${sharedData}/${path}`)));
  it('reads the CT as its description says', () => {
    const bytes = load('ct/ts-nifti/example_ct.nii.gz');
    expect(readNiftiHeader(bytes.subarray(0, niftiHeaderBytes)).sizeBytes).toBe(bytes.length);
    const { volume } = readNifti(bytes);
    expect(volume.grid.shapeZyx).toEqual([112, 101, 122]);
    let [lowest, highest] = [Infinity, -Infinity];
    for (const value of volume.voxels) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    expect([lowest, highest]).toEqual([-1207, 3382]);
    // Axes RAS: i runs to the right (−x in LPS), j to anterior (−y), k to superior.
    expect(Math.sign(volume.grid.directionsZyx[2][0])).toBe(-1);
    expect(Math.sign(volume.grid.directionsZyx[1][1])).toBe(-1);
    expect(Math.sign(volume.grid.directionsZyx[0][2])).toBe(1);
  });

  it('reads the head, whose axes are L, I, A', () => {
    const { grid } = readNifti(load('mr/t1/t1_crop.nii.gz')).volume;
    const [k, j, i] = grid.directionsZyx;
    expectClose(i, [1, 0, 0], 1e-6);
    expectClose(j, [0, 0, -1], 1e-6);
    expectClose(k, [0, -1, 0], 1e-6);
    expectClose(grid.originLps, [-127.6, 133.48, 134.48], 0.01);
  });
});

function expectClose(actual: Vec3, expected: Vec3, tolerance: number): void {
  actual.forEach((value, index) => expect(Math.abs(value - expected[index]!)).toBeLessThan(tolerance));
}
