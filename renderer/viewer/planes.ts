import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import { axisLetters } from '../../main/core/volume/orientation.ts';
import { cross, dot, negate } from './vectors.ts';

/** The three reformatted planes of a volume. */
export const planeNames = ['axial', 'coronal', 'sagittal'] as const;
export type PlaneName = (typeof planeNames)[number];

/** All that a volume is seen in. */
export const viewNames = [...planeNames, 'volume3d'] as const;
export type ViewName = (typeof viewNames)[number];

/** How a plane is looked at: unit LPS vectors. `normal` points from the image to the viewer. */
export interface PlaneCamera {
  readonly normal: Vec3;
  readonly up: Vec3;
  readonly right: Vec3;
  /** The array axis (0 z, 1 y, 2 x) along which the plane is moved from slice to slice. */
  readonly axis: 0 | 1 | 2;
}

/** Radiological convention: from the feet, from the front, from the patient's left; what is up on the screen. */
const conventions: Readonly<
  Record<PlaneName, { readonly normal: Vec3; readonly up: Vec3; readonly pair: string }>
> = {
  axial: { normal: [0, 0, -1], up: [0, -1, 0], pair: 'SI' },
  coronal: { normal: [0, -1, 0], up: [0, 0, 1], pair: 'PA' },
  sagittal: { normal: [1, 0, 0], up: [0, 0, 1], pair: 'LR' },
};

/**
 * The camera of a plane along the volume's own axes, so that a slice of an oblique volume is a slice of its voxels: each
 * array axis is taken for the patient axis that it is closest to, and turned to the side of the convention.
 */
export function planeCamera(grid: Grid, plane: PlaneName): PlaneCamera {
  const { normal, up, pair } = conventions[plane];
  const letters = [...axisLetters(grid)];
  const axisOf = (wanted: string) => letters.findIndex((letter) => wanted.includes(letter)) as 0 | 1 | 2;
  const axis = axisOf(pair);
  const upAxis = axisOf(up[2] !== 0 ? 'SI' : 'PA');
  const upVector = towards(grid.directionsZyx[upAxis], up);
  const normalVector = towards(grid.directionsZyx[axis], normal);
  return { normal: normalVector, up: upVector, right: cross(upVector, normalVector), axis };
}

function towards(direction: Vec3, wanted: Vec3): Vec3 {
  return dot(direction, wanted) < 0 ? negate(direction) : direction;
}

/** Something for each plane. */
export function byPlane<T>(make: (plane: PlaneName) => T): Record<PlaneName, T> {
  return { axial: make('axial'), coronal: make('coronal'), sagittal: make('sagittal') };
}
