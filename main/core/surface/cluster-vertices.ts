import { GrowingArray } from './growing-array.ts';
import { meshArea, type Mesh } from './mesh.ts';

/**
 * Triangles that a plane cut into cells leaves for each cell of it, about: two for the square, half as many more since
 * the surface runs across cells at an angle.
 */
const trianglesPerCell = 3;

/**
 * Makes a mesh coarser (vertex clustering, Rossignac and Borrel 1993): the vertices in each cell of a cubic grid become
 * their mean, and triangles with two corners in one cell go. The cell follows from the area, so that about `target`
 * triangles stay; a mesh with no more than that is given back as it is. Every edge of a closed mesh is still run through
 * as often in one direction as in the other; thin parts may touch.
 */
export function clusterVertices(mesh: Mesh, target: number): Mesh {
  if (mesh.triangles.length / 3 <= target) return mesh;
  const cell = Math.sqrt((trianglesPerCell * meshArea(mesh)) / target);
  return clusterBy(mesh, cell);
}

function clusterBy({ positions, triangles }: Mesh, cell: number): Mesh {
  const vertices = positions.length / 3;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3]!, positions[i]!);
    high[i % 3] = Math.max(high[i % 3]!, positions[i]!);
  }
  const [nx, ny] = [0, 1].map((axis) => Math.floor((high[axis]! - low[axis]!) / cell) + 1) as [
    number,
    number,
  ];
  const clusterOf = new Uint32Array(vertices);
  const known = new Map<number, number>();
  const sums: number[] = [];
  const counts: number[] = [];
  for (let v = 0; v < vertices; v++) {
    const i = Math.floor((positions[3 * v]! - low[0]!) / cell);
    const j = Math.floor((positions[3 * v + 1]! - low[1]!) / cell);
    const k = Math.floor((positions[3 * v + 2]! - low[2]!) / cell);
    const key = (k * ny + j) * nx + i;
    let cluster = known.get(key);
    if (cluster === undefined) {
      cluster = counts.length;
      known.set(key, cluster);
      counts.push(0);
      sums.push(0, 0, 0);
    }
    clusterOf[v] = cluster;
    counts[cluster]!++;
    for (let axis = 0; axis < 3; axis++) sums[3 * cluster + axis]! += positions[3 * v + axis]!;
  }
  const kept = new GrowingArray(Uint32Array);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [
      clusterOf[triangles[t]!]!,
      clusterOf[triangles[t + 1]!]!,
      clusterOf[triangles[t + 2]!]!,
    ];
    if (a !== b && b !== c && c !== a) kept.push(a, b, c);
  }
  return {
    positions: Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / 3)]!),
    triangles: kept.toArray(),
  };
}
