import type { Vec3 } from '../../volume/volume.ts';

/** What is reported for one label of a result. */
export interface LabelMeasurement {
  readonly value: number;
  readonly name: string;
  readonly voxels: number;
  readonly volumeMl: number;
  /** Intensity under the label (HU for CT) in the first channel; null where the label has no voxel. */
  readonly meanIntensity: number | null;
  /** Population standard deviation; null where the label has no voxel. */
  readonly sdIntensity: number | null;
  /** First and last voxel index of the label along z, y, x, inclusive; null where it has no voxel. */
  readonly boundsZyx: { readonly min: Vec3; readonly max: Vec3 } | null;
  /** The label reaches the border of the volume: it may be cut off, and its volume too small. */
  readonly touchesEdge: boolean;
}
