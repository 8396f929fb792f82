import type { Grid } from '../volume/volume.ts';
import type { Mesh } from './mesh.ts';

/** A mesh in voxel indices (x, y, z) at its place in the patient, LPS, mm; outside stays outside on mirrored grids too. */
export function toPatient({ positions, triangles }: Mesh, grid: Grid): Mesh {
  const { originLps, spacingZyxMm, directionsZyx } = grid;
  // Millimetres along each patient axis for a step along x, y, z of the array.
  const steps = [2, 1, 0].map((axis) => directionsZyx[axis]!.map((part) => part * spacingZyxMm[axis]!));
  const [ax, ay, az] = steps as [number[], number[], number[]];
  const placed = new Float32Array(positions.length);
  for (let at = 0; at < positions.length; at += 3) {
    const [x, y, z] = [positions[at]!, positions[at + 1]!, positions[at + 2]!];
    for (let lps = 0; lps < 3; lps++) {
      placed[at + lps] = originLps[lps]! + x * ax[lps]! + y * ay[lps]! + z * az[lps]!;
    }
  }
  return { positions: placed, triangles: isMirrored(ax, ay, az) ? turned(triangles) : triangles };
}

/** The array's axes are left-handed: the determinant is negative. */
function isMirrored(a: number[], b: number[], c: number[]): boolean {
  return (
    a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) -
      a[1]! * (b[0]! * c[2]! - b[2]! * c[0]!) +
      a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!) <
    0
  );
}

function turned(triangles: Uint32Array): Uint32Array {
  const result = triangles.slice();
  for (let t = 0; t < result.length; t += 3) {
    result[t + 1] = triangles[t + 2]!;
    result[t + 2] = triangles[t + 1]!;
  }
  return result;
}
