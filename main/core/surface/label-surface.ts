import type { Box } from '../volume/box.ts';
import type { Labelmap, Vec3 } from '../volume/volume.ts';
import { clusterVertices } from './cluster-vertices.ts';
import { marchCubes } from './march-cubes.ts';
import type { Mesh } from './mesh.ts';
import { smoothMesh } from './smooth-mesh.ts';
import { toPatient } from './to-patient.ts';

export interface SurfaceOptions {
  /** Rounds of Taubin smoothing: 0 leaves the steps of the voxels. */
  readonly smoothing?: number;
  /** About how many triangles may stay. */
  readonly triangles?: number;
}

/**
 * The closed surface of one label, LPS, mm, counter-clockwise seen from outside; without a triangle where the label has no voxel.
 *
 * @param box holds every voxel of the label (its measured bounds): nothing else is read
 */
export function labelSurface(
  { labels, grid }: Labelmap,
  value: number,
  box: Box,
  { smoothing = 8, triangles = 60_000 }: SurfaceOptions = {},
): Mesh {
  const mesh = toPatient(marchCubes(labels, grid.shapeZyx, value, box), grid);
  return smoothMesh(clusterVertices(mesh, triangles), smoothing);
}

/** First and last voxels, inclusive, as a box. */
export function boxOfBounds({ min, max }: { readonly min: Vec3; readonly max: Vec3 }): Box {
  return { start: min, end: [max[0] + 1, max[1] + 1, max[2] + 1] };
}
