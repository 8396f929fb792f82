/** The rules' grid: 3 mm along every axis. Sizes in the rules are multiples of it. */
export const rulesSpacingMm = 3;

/** mL of voxels of the rules' grid. */
export function millilitres(voxels: number): number {
  return (voxels * rulesSpacingMm ** 3) / 1000;
}

/** mm² of voxels of the rules' grid in a slice. */
export function squareMillimetres(voxels: number): number {
  return voxels * rulesSpacingMm ** 2;
}
