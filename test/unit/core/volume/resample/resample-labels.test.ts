import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { invertOrientation, orient } from '../../../../../main/core/volume/orientation.ts';
import {
  resampleLabels,
  resampleLabelsLinear,
} from '../../../../../main/core/volume/resample/resample-labels.ts';
import { denseView, orientView } from '../../../../../main/core/volume/strided-view.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { readNifti } from '../../../../../main/core/nifti/read-nifti.ts';
import { gunzipSync } from 'node:zlib';
import { readNpy } from '../../../../fixtures/read-npy.ts';
import { describeShared, sharedData } from '../../../../shared-data.ts';

/** A few labels in blocks. */
function blocks([d0, d1, d2]: Vec3): Uint8Array {
  return Uint8Array.from({ length: d0 * d1 * d2 }, (_, i) => {
    const k = i % d2;
    const j = Math.floor(i / d2) % d1;
    const h = Math.floor(i / d2 / d1);
    return ((h >> 2) + (j >> 2) * 2 + (k >> 1) * 3) % 5;
  });
}

describe('resampleLabels', () => {
  it('keeps labels on their own grid, and gets them back from a grid three times as fine', () => {
    const shape: Vec3 = [8, 9, 10];
    const labels = blocks(shape);
    expect(resampleLabels(labels, shape, shape, 'half-pixel')).toEqual(labels);
    const fine: Vec3 = [24, 27, 30];
    const there = resampleLabels(labels, shape, fine, 'half-pixel');
    expect(resampleLabels(there, fine, shape, 'half-pixel')).toEqual(labels);
  });
});

describe('resampleLabelsLinear', () => {
  it('keeps labels on their own grid and inside of uniform blocks', () => {
    const shape: Vec3 = [8, 9, 10];
    const labels = blocks(shape);
    expect(resampleLabelsLinear(labels, shape, shape)).toEqual(labels);
    expect(new Set(resampleLabelsLinear(new Uint8Array(60).fill(3), [3, 4, 5], [7, 2, 6]))).toEqual(
      new Set([3]),
    );
  });

  it('lets the larger label win where two reach one half', () => {
    // Two voxels to three: the middle one lies halfway.
    expect([...resampleLabelsLinear(Uint8Array.of(2, 1), [1, 1, 2], [1, 1, 3])]).toEqual([2, 2, 1]);
  });
});

describeShared('labels on their way back in TotalSegmentator', () => {
  const folder = `${sharedData}/golden/totalsegmentator-pipeline`;
  const cases = [
    ['ct_lps', '1p5'],
    ['ct_lps', '4p0'],
    ['ct_sla_oblique', '2p2x2p2x4p0'],
  ] as const;

  it.each(cases)('%s from %s mm agree with the reference', (name, spacing) => {
    const { shape_canonical: canonical } = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
    const labels = readNpy(`${folder}/${name}_labels_${spacing}.npy`);
    const from = labels.shape as Vec3;
    const stem = `${folder}/${name}_labels_${spacing}_upsampled`;
    const nearest = resampleLabels(labels.data as Uint8Array, from, canonical, 'aligned-corners');
    // Stated: exact halves may fall to the other side.
    expect(differingFraction(nearest, readNpy(`${stem}_order0.npy`).data)).toBeLessThanOrEqual(0.0005);
    const linear = resampleLabelsLinear(labels.data as Uint8Array, from, canonical);
    expect(differingFraction(linear, readNpy(`${stem}_onehot_crop_order1.npy`).data)).toBeLessThanOrEqual(
      0.001,
    );

    // undo_canonical: to the axes of the file. The fixtures' axes i, j, k are x, y, z.
    const { grid } = readNifti(gunzipSync(readFileSync(`${folder}/${name}_input.nii.gz`))).volume;
    const toCanonical = orient(grid, 'SAR');
    const reversed = orientView(denseView(canonical), {
      permutation: [2, 1, 0],
      flips: [false, false, false],
    });
    const view = orientView(reversed, invertOrientation(toCanonical));
    const expected = readNpy(`${stem}_order0_undo_canonical.npy`);
    const expectedView = orientView(denseView(expected.shape as Vec3), {
      permutation: [2, 1, 0],
      flips: [false, false, false],
    });
    expect(view.shape).toEqual(expectedView.shape);
    expect(differingFraction(gather(nearest, view), gather(expected.data, expectedView))).toBeLessThanOrEqual(
      0.0005,
    );
  });
});

function gather(
  values: ArrayLike<number>,
  { offset, strides, shape }: ReturnType<typeof denseView>,
): Uint8Array {
  const out = new Uint8Array(voxelCount(shape));
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        out[at++] = values[offset + i * strides[0] + j * strides[1] + k * strides[2]];
      }
    }
  }
  return out;
}

function differingFraction(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let differing = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) differing++;
  return differing / a.length;
}
