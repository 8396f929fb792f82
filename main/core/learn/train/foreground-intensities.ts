import type { Normalization } from '../../model/segmentation-model.ts';
import type { SeededRandom } from '../../random/seeded-random.ts';
import { nearestIndices } from '../../volume/resample/axis-plan.ts';
import type { Vec3, Volume } from '../../volume/volume.ts';

/** nnU-Net's num_foreground_voxels_for_intensitystats is 10e7 over all cases; this is enough of each. */
const drawnPerImage = 100_000;

/**
 * Intensities as they were read, at labelled voxels drawn with replacement: what `ctNormalization` is made of. Empty where
 * nothing is labelled.
 *
 * @param labels on a resampled grid of `shape` over the extent of the volume
 */
export function drawIntensities(
  { voxels, grid }: Volume,
  labels: Uint8Array,
  shape: Vec3,
  random: SeededRandom,
): Float32Array {
  const labelled = labelledVoxels(labels);
  if (labelled.length === 0) return new Float32Array(0);
  const [, rows, columns] = grid.shapeZyx;
  const [zs, ys, xs] = grid.shapeZyx.map((size, axis) => nearestIndices(size, shape[axis]!, 'half-pixel'));
  return Float32Array.from({ length: drawnPerImage }, () => {
    const at = labelled[random.below(labelled.length)]!;
    const z = zs![Math.floor(at / (shape[1] * shape[2]))]!;
    const y = ys![Math.floor(at / shape[2]) % shape[1]]!;
    return voxels[(z * rows + y) * columns + xs![at % shape[2]]!]!;
  });
}

/** Indices; a plain array of them would be several times as large, and there are millions. */
function labelledVoxels(labels: Uint8Array): Uint32Array {
  const found = new Uint32Array(labels.reduce((count, label) => (label === 0 ? count : count + 1), 0));
  let at = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] !== 0) found[at++] = i;
  return found;
}

/** nnU-Net's CTNormalization from intensities of labelled voxels: percentiles 0.5 and 99.5, mean and standard deviation. */
export function ctNormalization(
  intensities: readonly Float32Array[],
): Extract<Normalization, { kind: 'ct' }> {
  const all = new Float32Array(intensities.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of intensities) {
    all.set(each, at);
    at += each.length;
  }
  all.sort();
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    kind: 'ct',
    lower: percentile(all, 0.005),
    upper: percentile(all, 0.995),
    mean,
    std: Math.sqrt(squares / all.length),
  };
}

/** Linear between the two nearest ranks, as numpy's. */
function percentile(sorted: Float32Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below]!;
  const high = sorted[Math.min(sorted.length - 1, below + 1)]!;
  return low + (rank - below) * (high - low);
}
