import type { Mesh } from './mesh.ts';

/** Taubin's pair (SIGGRAPH 1995): a step inwards and a slightly larger one outwards; steps of voxels go, the volume stays. */
const inwards = 0.5;
const outwards = -0.53;

/**
 * Smooths the steps that voxels leave: each vertex moves towards the mean of its neighbours and back out, `rounds` times.
 * Triangles stay as they are, so a closed mesh stays closed.
 */
export function smoothMesh({ positions, triangles }: Mesh, rounds: number): Mesh {
  const moved = Float32Array.from(positions);
  const sums = new Float32Array(positions.length);
  // Each edge of a closed surface lies in two triangles, in both directions: every neighbour counts once this way.
  const counts = new Uint32Array(positions.length / 3);
  for (const vertex of triangles) counts[vertex]!++;
  for (let round = 0; round < 2 * rounds; round++) {
    sums.fill(0);
    for (let t = 0; t < triangles.length; t += 3) {
      for (let corner = 0; corner < 3; corner++) {
        const to = 3 * triangles[t + corner]!;
        const from = 3 * triangles[t + ((corner + 1) % 3)]!;
        sums[to]! += moved[from]!;
        sums[to + 1]! += moved[from + 1]!;
        sums[to + 2]! += moved[from + 2]!;
      }
    }
    const step = round % 2 === 0 ? inwards : outwards;
    for (let i = 0; i < moved.length; i++) {
      moved[i]! += step * (sums[i]! / counts[(i / 3) | 0]! - moved[i]!);
    }
  }
  return { positions: moved, triangles };
}
