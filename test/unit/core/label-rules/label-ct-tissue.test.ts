import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ctTissue, labelCtTissue } from '../../../../main/core/label-rules/label-ct-tissue.ts';
import { NotAxialError, toRulesGrid } from '../../../../main/core/label-rules/to-rules-grid.ts';
import { readNifti } from '../../../../main/core/nifti/read-nifti.ts';
import type { Volume } from '../../../../main/core/volume/volume.ts';
import { nearestLabels } from '../../../fixtures/nearest-labels.ts';
import { readSlices } from '../../../fixtures/read-slices.ts';
import { makeTissuePhantom } from '../../../fixtures/tissue-phantom.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

const values = Object.values(ctTissue);

function diceOf(a: Uint8Array, b: Uint8Array, value: number): number {
  let [common, both] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    common += Number(a[i] === value && b[i] === value);
    both += Number(a[i] === value) + Number(b[i] === value);
  }
  return (2 * common) / both;
}

describe('labelCtTissue, on a phantom', () => {
  const { hu, truth, shape, at } = makeTissuePhantom();
  const labels = labelCtTissue(hu, shape, 'last');
  const labelAt = (z: number, y: number, x: number) => labels[at(z, y, x)];

  it('finds every tissue', () => {
    // Skin, edges of air and what metal hides are soft tissue by the rules: one voxel round small things is much.
    const least = [0.999, 0.98, 0.97, 0.98, 0.99, 0.97];
    values.forEach((value) => expect(diceOf(labels, truth, value)).toBeGreaterThan(least[value]!));
  });

  it('leaves the table out of the body, though a sheet joins them', () => {
    for (let x = 0; x < shape[2]; x++) expect(labelAt(20, 56, x)).toBe(ctTissue.background);
  });

  it('counts the vessels of the lung to it', () => {
    expect(labelAt(45, 30, 22)).toBe(ctTissue.lung);
    expect(labelAt(45, 30, 50)).toBe(ctTissue.lung);
    // This one is no hole of its slice: it runs out of the lung there.
    expect(labelAt(52, 30, 27)).toBe(ctTissue.lung);
  });

  it('counts the trachea to gas, as far down as it is one and from the top alone', () => {
    expect(labelAt(58, 26, 36)).toBe(ctTissue.gas);
    expect(labelAt(46, 26, 36)).toBe(ctTissue.gas);
    expect(labelAt(41, 28, 33)).toBe(ctTissue.lung);
    // Seen from the other end there is no trachea to follow, and it is a part of the lung.
    const upsideDown = labelCtTissue(hu, shape, 'first');
    expect(upsideDown[at(50, 26, 36)]).toBe(ctTissue.lung);
  });

  it('finds the same in a stack that begins at the head', () => {
    const plane = shape[1] * shape[2];
    const turned = new Float32Array(hu.length);
    for (let z = 0; z < shape[0]; z++) {
      turned.set(hu.subarray(z * plane, (z + 1) * plane), (shape[0] - 1 - z) * plane);
    }
    const headFirst = labelCtTissue(turned, shape, 'first');
    for (let z = 0; z < shape[0]; z++) {
      const from = (shape[0] - 1 - z) * plane;
      expect(headFirst.subarray(from, from + plane)).toEqual(labels.subarray(z * plane, (z + 1) * plane));
    }
  });

  it('counts marrow to bone, but neither blood that shines nor a speck of lime', () => {
    expect(labelAt(20, 43, 36)).toBe(ctTissue.bone);
    expect(labelAt(12, 34, 26)).toBe(ctTissue.softTissue);
    expect(labelAt(12, 34, 29)).toBe(ctTissue.softTissue);
    expect(labelAt(8, 38, 18)).toBe(ctTissue.softTissue);
  });

  it('finds gas in the bowel, but neither at the skin nor beside lung or metal', () => {
    expect(labelAt(10, 26, 50)).toBe(ctTissue.gas);
    expect(labelAt(10, 11, 36)).toBe(ctTissue.softTissue);
    expect(labelAt(29, 30, 22)).toBe(ctTissue.softTissue);
    expect(labelAt(24, 28, 48)).toBe(ctTissue.softTissue);
    // What is nowhere as dark as gas is none.
    expect(labelAt(8, 38, 52)).toBe(ctTissue.softTissue);
  });

  it('takes for lung only what is denser than gas, the more so the smaller it is', () => {
    expect(labelAt(10, 20, 36)).toBe(ctTissue.gas);
    expect(labelAt(10, 22, 22)).toBe(ctTissue.gas);
  });

  it('finds fat under a skin of one voxel', () => {
    const skin = truth.findIndex((value, i) => i >= at(20, 36, 0) && value !== 0);
    expect([...labels.subarray(skin - 1, skin + 3)]).toEqual([0, 1, 2, 2]);
  });

  it('smooths a speck away', () => {
    expect(labelAt(20, 20, 26)).toBe(ctTissue.softTissue);
  });

  it('gives background alone where there is no body, and refuses a shape that does not fit', () => {
    expect(labelCtTissue(new Float32Array(60).fill(-1000), [3, 4, 5], 'last')).toEqual(new Uint8Array(60));
    expect(() => labelCtTissue(hu, [3, 4, 5], 'last')).toThrow(RangeError);
  });
});

describe('toRulesGrid', () => {
  const volume = (upwards: number): Volume => ({
    voxels: Int16Array.from({ length: 4 * 6 * 6 }, (_, i) => i),
    grid: {
      shapeZyx: [4, 6, 6],
      spacingZyxMm: [4.5, 1, 1.5],
      originLps: [0, 0, 0],
      directionsZyx: [
        [0, Math.sqrt(1 - upwards ** 2), upwards],
        [0, upwards, -Math.sqrt(1 - upwards ** 2)],
        [1, 0, 0],
      ],
    },
  });

  it('has 3 mm between voxels, and knows where the head is', () => {
    const image = toRulesGrid(volume(1));
    expect(image.shapeZyx).toEqual([6, 2, 3]);
    expect(image.hu).toHaveLength(36);
    expect(image.top).toBe('last');
    expect(toRulesGrid(volume(-0.9)).top).toBe('first');
  });

  it('refuses slices that are not axial', () => {
    expect(() => toRulesGrid(volume(0.1))).toThrow(NotAxialError);
  });
});

describeShared('labelCtTissue, on the scans of the bundled model', () => {
  const folder = (path: string) => join(sharedData, path);
  const nifti = (path: string) => readNifti(gunzipSync(readFileSync(folder(path)))).volume;
  const labelsOf = (ct: Volume) => {
    const { hu, shapeZyx, top } = toRulesGrid(ct);
    return { labels: labelCtTissue(hu, shapeZyx, top), shapeZyx };
  };
  const diceWith = (labels: Uint8Array, model: Uint8Array) =>
    values.map((value) => diceOf(labels, model, value));

  function expectNear(actual: readonly number[], table: readonly number[], within: readonly number[]): void {
    actual.forEach((dice, value) => expect(Math.abs(dice - table[value]!)).toBeLessThan(within[value]!));
  }

  it('overlap with what that model gives as its README says, on example_ct', () => {
    const { labels } = labelsOf(nifti('ct/ts-nifti/example_ct.nii.gz'));
    const model = nifti('models/ct-tissue-nnunet/expected/example_ct.nii.gz').voxels as Uint8Array;
    // The table has three digits; what was seen lies within 0.003 of it.
    expectNear(diceWith(labels, model), [0.987, 0.909, 0.932, 0.278, 0.88, 0.466], Array(6).fill(0.01));
  });

  it('overlap with it as its README says, on lidc-chest', () => {
    const { shapeZyx, voxels } = readSlices(folder('ct/lidc-chest'));
    const grid = {
      shapeZyx,
      spacingZyxMm: [1, 0.78125, 0.78125],
      originLps: [0, 0, 0],
      directionsZyx: [
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ],
    } as const;
    const ct = labelsOf({ voxels, grid });
    const given = nifti('models/ct-tissue-nnunet/expected/lidc0314_160.nii.gz').voxels as Uint8Array;
    // The table is of the whole scan's 275 slices, labelled and resampled together; these are its lower 160.
    const within = [0.01, 0.01, 0.01, 0.01, 0.02, 0.05];
    const dice = diceWith(ct.labels, nearestLabels(given, shapeZyx, ct.shapeZyx));
    expectNear(dice, [0.996, 0.92, 0.891, 0.963, 0.892, 0.108], within);
  });

  it('overlap with TotalSegmentator as its README says of the rules, on example_ct_sm', () => {
    const { labels } = labelsOf(nifti('ct/ts-nifti/example_ct_sm.nii.gz'));
    const reference = nifti('ct/ts-nifti/example_seg.nii.gz').voxels as Uint8Array;
    const lobes = reference.map((value) => (value >= 10 && value <= 14 ? ctTissue.lung : 0));
    expect(Math.abs(diceOf(labels, lobes, ctTissue.lung) - 0.964)).toBeLessThan(0.01);
  });
});
