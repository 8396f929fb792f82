import { voxelCount, type Grid, type Vec3 } from '../../volume/volume.ts';
import { LabelmapSizeError } from './dice.ts';
import type { Surfaces } from './distance-transform.ts';
import { overlapByLabel, type LabelOverlap } from './label-overlap.ts';
import { compareSurfaces, surfaceOfA, surfaceOfB, type SurfaceAgreement } from './surface-distance.ts';

/** How faithfully one label of a labelmap follows a reference on the same grid. */
export interface LabelFidelity {
  readonly value: number;
  readonly referenceVoxels: number;
  readonly comparedVoxels: number;
  /**
   * Which of the two has no voxel of the label. `both`: they agree that it is not there, and Dice is 1. One of them: the
   * label was lost or invented, Dice and surface Dice are 0 and the distance is infinite, that is null.
   */
  readonly missingIn: 'neither' | 'reference' | 'compared' | 'both';
  /** 2·|A ∩ B| / (|A| + |B|). */
  readonly dice: number;
  /** |A ∩ B| / |A|: part of the reference that was found; null where the reference has none. */
  readonly sensitivity: number | null;
  /** Part of what is not the label in the reference, over the whole grid, that is not in the compared one; null where the reference fills the grid. */
  readonly specificity: number | null;
  /** See `SurfaceAgreement`; null where one or both have no surface. */
  readonly hd95Mm: number | null;
  /** See `SurfaceAgreement`; 1 where both have no surface, 0 where one has none. */
  readonly surfaceDice: number;
}

type Spaced = Pick<Grid, 'shapeZyx' | 'spacingZyxMm'>;

/**
 * Compares two labelmaps label by label, for the values given and in their order.
 *
 * @param reference z, y, x, such as the full model's
 * @param compared on the same grid, such as a variant's
 * @param toleranceMm distance up to which surfaces count as the same in `surfaceDice`
 * @throws LabelmapSizeError
 */
export function compareLabelmaps(
  reference: Uint8Array,
  compared: Uint8Array,
  grid: Spaced,
  values: readonly number[],
  toleranceMm: number,
): readonly LabelFidelity[] {
  const voxels = voxelCount(grid.shapeZyx);
  if (reference.length !== voxels) throw new LabelmapSizeError(reference.length, voxels);
  const overlaps = overlapByLabel(reference, compared, grid.shapeZyx);
  return values.map((value) => compareLabel({ reference, compared, grid, toleranceMm }, overlaps[value]));
}

/** The part of `compareLabelmaps` that is about one label, so that labels can be shared out to worker threads. */
export function compareLabel(
  pair: {
    readonly reference: Uint8Array;
    readonly compared: Uint8Array;
    readonly grid: Spaced;
    readonly toleranceMm: number;
  },
  overlap: LabelOverlap,
): LabelFidelity {
  const { value, referenceVoxels, comparedVoxels, commonVoxels } = overlap;
  const { shapeZyx, spacingZyxMm } = pair.grid;
  const others = voxelCount(shapeZyx) - referenceVoxels;
  const invented = comparedVoxels - commonVoxels;
  const missingIn = missing(referenceVoxels, comparedVoxels);
  const agreement: SurfaceAgreement | null =
    missingIn === 'neither'
      ? compareSurfaces(findSurfaces(pair, overlap), spacingZyxMm, pair.toleranceMm)
      : null;
  return {
    value,
    referenceVoxels,
    comparedVoxels,
    missingIn,
    dice: missingIn === 'both' ? 1 : (2 * commonVoxels) / (referenceVoxels + comparedVoxels),
    sensitivity: referenceVoxels === 0 ? null : commonVoxels / referenceVoxels,
    specificity: others === 0 ? null : (others - invented) / others,
    hd95Mm: agreement && agreement.hd95Mm,
    surfaceDice: agreement ? agreement.surfaceDice : missingIn === 'both' ? 1 : 0,
  };
}

function missing(inReference: number, inCompared: number): LabelFidelity['missingIn'] {
  if (inReference === 0) return inCompared === 0 ? 'both' : 'reference';
  return inCompared === 0 ? 'compared' : 'neither';
}

/** The surfaces of one label in both maps, cropped to the box around both: the nearest surface is never outside it. */
function findSurfaces(
  { reference, compared, grid }: Parameters<typeof compareLabel>[0],
  { value, box }: LabelOverlap,
): Surfaces {
  const [z0, y0, x0] = box.start;
  const shape: Vec3 = [box.end[0] - z0, box.end[1] - y0, box.end[2] - x0];
  const voxels = new Uint8Array(voxelCount(shape));
  const [, rows, columns] = grid.shapeZyx;
  const [depth, height, width] = shape;
  for (const [labels, bit] of [
    [reference, surfaceOfA],
    [compared, surfaceOfB],
  ] as const) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const row = ((z0 + z) * rows + y0 + y) * columns + x0;
        const out = (z * height + y) * width;
        // Outside the box there is no voxel of this label.
        const edge = z === 0 || z === depth - 1 || y === 0 || y === height - 1;
        for (let x = 0; x < width; x++) {
          const i = row + x;
          if (labels[i] !== value) continue;
          const inside =
            !edge &&
            x !== 0 &&
            x !== width - 1 &&
            labels[i - 1] === value &&
            labels[i + 1] === value &&
            labels[i - columns] === value &&
            labels[i + columns] === value &&
            labels[i - rows * columns] === value &&
            labels[i + rows * columns] === value;
          if (!inside) voxels[out + x] |= bit;
        }
      }
    }
  }
  return { voxels, shape };
}
