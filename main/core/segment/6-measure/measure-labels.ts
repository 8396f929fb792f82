import type { ModelLabel } from '../../model/segmentation-model.ts';
import { standardDeviation } from '../../volume/moments.ts';
import type { Grid, Volume } from '../../volume/volume.ts';
import { sumLabels, type AllLabelSums, type LabelSums } from './label-sums.ts';
import type { LabelMeasurement } from './measurement.ts';

/** Cubic millimetres in a millilitre. */
const MM3_PER_ML = 1000;

/**
 * Measures every label of the model, in its order, on the grid of the volume (z, y, x).
 *
 * @param labels on the grid of `volume`
 * @param volume the first channel, as it was read (HU for CT)
 */
export function measureLabels(
  labels: Uint8Array,
  volume: Volume,
  modelLabels: readonly Pick<ModelLabel, 'value' | 'name'>[],
): readonly LabelMeasurement[] {
  const { shapeZyx } = volume.grid;
  const sums = sumLabels({ labels, voxels: volume.voxels, shapeZyx, from: 0, to: shapeZyx[0] });
  return measurementsFromSums(sums, volume.grid, modelLabels);
}

/** The measurements that follow from the sums over all planes of a labelmap. */
export function measurementsFromSums(
  sums: AllLabelSums,
  grid: Grid,
  modelLabels: readonly Pick<ModelLabel, 'value' | 'name'>[],
): readonly LabelMeasurement[] {
  const [dz, dy, dx] = grid.spacingZyxMm;
  const voxelMl = (dz * dy * dx) / MM3_PER_ML;
  return modelLabels.map(({ value, name }) => {
    const label = sums[value] ?? null;
    const voxels = label?.moments.count ?? 0;
    return {
      value,
      name,
      voxels,
      volumeMl: voxels * voxelMl,
      meanIntensity: label && label.moments.mean,
      sdIntensity: label && standardDeviation(label.moments),
      boundsZyx: label && { min: label.min, max: label.max },
      touchesEdge: label !== null && touchesEdge(label, grid),
    };
  });
}

function touchesEdge({ min, max }: LabelSums, { shapeZyx }: Grid): boolean {
  return ([0, 1, 2] as const).some((axis) => min[axis] === 0 || max[axis] === shapeZyx[axis] - 1);
}
