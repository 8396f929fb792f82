/** The rules' grid: 3 mm along every axis. Sizes in the rules are multiples of it. */
export const rulesSpacingMm = 3;

/** mL of one voxel. */
const voxelMl = rulesSpacingMm ** 3 / 1000;

/** mm² of one voxel in a slice. */
const voxelMm2 = rulesSpacingMm ** 2;

export function millilitres(voxels: number): number {
  return voxels * voxelMl;
}

export function squareMillimetres(voxels: number): number {
  return voxels * voxelMm2;
}
