import { describe, expect, it } from 'vitest';
import { diceByLabel, LabelmapSizeError } from '../../../../../main/core/segment/6-measure/dice.ts';
import { mergeLabelSums, sumLabels } from '../../../../../main/core/segment/6-measure/label-sums.ts';
import {
  measurementsFromSums,
  measureLabels,
} from '../../../../../main/core/segment/6-measure/measure-labels.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';
import { axialGrid } from '../../volume/orientations.ts';

const shape: Vec3 = [9, 10, 11];
const grid = axialGrid(shape, [2, 0.5, 0.8]);
const names = [
  { value: 1, name: 'one' },
  { value: 2, name: 'two' },
  { value: 255, name: 'last' },
  { value: 7, name: 'absent' },
];

function randomCase(seed: number) {
  const random = createRandom(seed);
  const labels = Uint8Array.from(
    { length: voxelCount(shape) },
    () => [0, 0, 1, 1, 1, 2, 255][Math.floor(random() * 7)],
  );
  const voxels = Int16Array.from({ length: voxelCount(shape) }, () => Math.floor(random() * 4000) - 1024);
  return { labels, voxels };
}

describe('measureLabels', () => {
  it('is the direct formula, label by label', () => {
    const { labels, voxels } = randomCase(5);
    for (const measurement of measureLabels(labels, { voxels, grid }, names)) {
      const values = [...voxels].filter((_, i) => labels[i] === measurement.value);
      expect(measurement.voxels).toBe(values.length);
      expect(measurement.volumeMl).toBeCloseTo((values.length * 2 * 0.5 * 0.8) / 1000, 12);
      if (values.length === 0) continue;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(measurement.meanIntensity).toBeCloseTo(mean, 9);
      expect(measurement.sdIntensity).toBeCloseTo(Math.sqrt(variance), 9);
    }
  });

  it('keeps the order of the model and says nothing of a label that is not there', () => {
    const { labels, voxels } = randomCase(6);
    const measured = measureLabels(labels, { voxels, grid }, names);
    expect(measured.map(({ name }) => name)).toEqual(['one', 'two', 'last', 'absent']);
    expect(measured[3]).toEqual({
      value: 7,
      name: 'absent',
      voxels: 0,
      volumeMl: 0,
      meanIntensity: null,
      sdIntensity: null,
      boundsZyx: null,
      touchesEdge: false,
    });
  });

  it('does not depend on how the planes are divided', () => {
    const { labels, voxels } = randomCase(7);
    const part = (from: number, to: number) => sumLabels({ labels, voxels, shapeZyx: shape, from, to });
    const merged = [part(0, 2), part(2, 2), part(2, 8), part(8, 9)].reduce(mergeLabelSums);
    const whole = measureLabels(labels, { voxels, grid }, names);
    measurementsFromSums(merged, grid, names).forEach((measurement, i) => {
      const { meanIntensity, sdIntensity, ...exact } = measurement;
      expect(whole[i]).toMatchObject(exact);
      if (meanIntensity === null || sdIntensity === null) return;
      expect(meanIntensity).toBeCloseTo(whole[i].meanIntensity!, 10);
      expect(sdIntensity).toBeCloseTo(whole[i].sdIntensity!, 10);
    });
  });

  it('keeps a small deviation beside a large mean', () => {
    const labels = new Uint8Array(voxelCount(shape)).fill(1);
    const voxels = Float64Array.from({ length: labels.length }, (_, i) => 1e8 + (i % 2));
    const [one] = measureLabels(labels, { voxels, grid }, names);
    // Half of them one apart; 990 voxels divide evenly. Σv² − (Σv)²/n would be off by units.
    expect(one.sdIntensity).toBeCloseTo(0.5, 6);
  });

  it('finds the box and whether it reaches the border', () => {
    const voxels = new Int16Array(voxelCount(shape));
    const labels = new Uint8Array(voxels.length);
    const set = (z: number, y: number, x: number, label: number) => (labels[(z * 10 + y) * 11 + x] = label);
    set(2, 3, 9, 1);
    set(7, 8, 1, 1);
    set(4, 5, 6, 2);
    set(4, 5, 10, 2);
    const [one, two] = measureLabels(labels, { voxels, grid }, names);
    expect(one).toMatchObject({ boundsZyx: { min: [2, 3, 1], max: [7, 8, 9] }, touchesEdge: false });
    expect(two).toMatchObject({ boundsZyx: { min: [4, 5, 6], max: [4, 5, 10] }, touchesEdge: true });
    for (const corner of [
      [0, 5, 5],
      [8, 5, 5],
      [5, 0, 5],
      [5, 9, 5],
      [5, 5, 0],
    ]) {
      labels.fill(0);
      set(corner[0], corner[1], corner[2], 255);
      expect(measureLabels(labels, { voxels, grid }, names)[2].touchesEdge).toBe(true);
    }
  });
});

describe('diceByLabel', () => {
  it('is twice what both have over what each has', () => {
    expect(diceByLabel(Uint8Array.of(0, 1, 1, 1, 2), Uint8Array.of(0, 1, 1, 3, 0))).toEqual([
      { value: 0, voxelsA: 1, voxelsB: 2, voxelsBoth: 1, dice: 2 / 3 },
      { value: 1, voxelsA: 3, voxelsB: 2, voxelsBoth: 2, dice: 0.8 },
      { value: 2, voxelsA: 1, voxelsB: 0, voxelsBoth: 0, dice: 0 },
      { value: 3, voxelsA: 0, voxelsB: 1, voxelsBoth: 0, dice: 0 },
    ]);
  });

  it('is 1 for a labelmap with itself, and refuses another size', () => {
    const { labels } = randomCase(8);
    for (const { dice } of diceByLabel(labels, labels)) expect(dice).toBe(1);
    expect(() => diceByLabel(labels, labels.subarray(1))).toThrow(LabelmapSizeError);
  });
});
