import type { Box } from '../volume/box.ts';
import type { Vec3 } from '../volume/volume.ts';
import { cubeTriangles } from './cube-triangles.ts';
import { GrowingArray } from './growing-array.ts';
import type { Mesh } from './mesh.ts';

/**
 * The surface of one label, half way between its voxels and the others, closed also where the label reaches the border of
 * the box: what is outside counts as outside. Vertices are in voxel indices, x, y, z; neighbouring triangles share them.
 * Only voxels in `box` are looked at.
 *
 * @param labels z, y, x of `shapeZyx`
 */
export function marchCubes(labels: Uint8Array, shapeZyx: Vec3, value: number, box: Box): Mesh {
  const [z0, y0, x0] = box.start.map((start) => start - 1) as [number, number, number];
  // Cubes have their lower corners on voxels from one before the box to its last.
  const [depth, rows, columns] = box.end.map((end, axis) => end - box.start[axis]! + 1) as [
    number,
    number,
    number,
  ];
  const planeSize = (rows + 1) * (columns + 1);
  const positions = new GrowingArray(Float32Array);
  const triangles = new GrowingArray(Uint32Array);
  let below = new Uint8Array(planeSize);
  let above = new Uint8Array(planeSize);
  // Vertex numbers + 1 on the edges along x, y and z that begin at each corner of the lower plane, and of the upper one.
  let lower = new Int32Array(3 * planeSize);
  let upper = new Int32Array(3 * planeSize);

  const vertexAt = (edge: number, at: number, z: number, y: number, x: number): number => {
    const [axis, corner] = [edge >> 3, edge & 7];
    const [cx, cy, cz] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const plane = cz === 0 ? lower : upper;
    const slot = 3 * (at + cy * (columns + 1) + cx) + axis;
    if (plane[slot] === 0) {
      positions.push(
        x0 + x + cx + (axis === 0 ? 0.5 : 0),
        y0 + y + cy + (axis === 1 ? 0.5 : 0),
        z0 + z + cz + (axis === 2 ? 0.5 : 0),
      );
      plane[slot] = positions.length / 3;
    }
    return plane[slot]! - 1;
  };

  for (let z = 0; z < depth; z++) {
    fillPlane(labels, shapeZyx, value, box, z0 + z + 1, above);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const at = y * (columns + 1) + x;
        const next = at + columns + 1;
        const inside =
          below[at]! |
          (below[at + 1]! << 1) |
          (below[next]! << 2) |
          (below[next + 1]! << 3) |
          (above[at]! << 4) |
          (above[at + 1]! << 5) |
          (above[next]! << 6) |
          (above[next + 1]! << 7);
        if (inside === 0 || inside === 255) continue;
        const edges = cubeTriangles[inside]!;
        for (let t = 0; t < edges.length; t += 3) {
          triangles.push(
            vertexAt(edges[t]!, at, z, y, x),
            vertexAt(edges[t + 1]!, at, z, y, x),
            vertexAt(edges[t + 2]!, at, z, y, x),
          );
        }
      }
    }
    [below, above] = [above, below];
    [lower, upper] = [upper, lower];
    upper.fill(0);
  }
  return { positions: positions.toArray(), triangles: triangles.toArray() };
}

/** 1 where a voxel of plane z has the value; a margin of one voxel of zeros around the box. */
function fillPlane(
  labels: Uint8Array,
  [, rows, columns]: Vec3,
  value: number,
  { start, end }: Box,
  z: number,
  out: Uint8Array,
): void {
  out.fill(0);
  if (z >= end[0]) return;
  const width = end[2] - start[2] + 2;
  for (let y = start[1]; y < end[1]; y++) {
    let from = (z * rows + y) * columns + start[2];
    let to = (y - start[1] + 1) * width + 1;
    for (let x = start[2]; x < end[2]; x++) out[to++] = labels[from++] === value ? 1 : 0;
  }
}
