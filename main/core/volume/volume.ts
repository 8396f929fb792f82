/** A triple; the name of the variable says the axis order (`…Zyx`) or that it is a patient coordinate (`…Lps`). */
export type Vec3 = readonly [number, number, number];

/**
 * Where a voxel array lies in the patient. Array axes are z, y, x (x fastest in memory); for a DICOM stack
 * these are slice, row, column. `directionsZyx[a]` is the unit LPS vector along which the index of array axis
 * `a` grows, so voxel (z, y, x) has its centre at
 * `originLps + z·spacing[0]·directions[0] + y·spacing[1]·directions[1] + x·spacing[2]·directions[2]`.
 */
export interface Grid {
  readonly shapeZyx: Vec3;
  readonly spacingZyxMm: Vec3;
  /** Centre of voxel (0, 0, 0), LPS, mm. */
  readonly originLps: Vec3;
  readonly directionsZyx: readonly [Vec3, Vec3, Vec3];
}

export type Voxels =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** Intensities (HU for CT, after rescale) on a grid. `voxels.length` is the product of `grid.shapeZyx`. */
export interface Volume {
  readonly voxels: Voxels;
  readonly grid: Grid;
}

/** Label values on a grid; 0 is background. */
export interface Labelmap {
  readonly labels: Uint8Array;
  readonly grid: Grid;
}

export function voxelCount(shape: Vec3): number {
  return shape[0] * shape[1] * shape[2];
}

/** Where the voxel of an index in C order lies. */
export function voxelAt(index: number, [, n1, n2]: Vec3): Vec3 {
  return [Math.floor(index / (n1 * n2)), Math.floor(index / n2) % n1, index % n2];
}
