import type { Mesh } from '../surface/mesh.ts';

const headerBytes = 80;
const triangleBytes = 50;

/**
 * A mesh as a binary STL file: an 80-byte text, the number of triangles, then for each its normal and corners (float32,
 * little endian) and an attribute of 0. Coordinates are as the mesh has them; STL knows no unit, and mm are usual.
 *
 * @param comment ASCII; cut to the header's 80 bytes
 */
export function writeStl({ positions, triangles }: Mesh, comment: string): Uint8Array {
  const count = triangles.length / 3;
  const bytes = new Uint8Array(headerBytes + 4 + count * triangleBytes);
  bytes.set(new TextEncoder().encode(comment.replace(/[^ -~]/g, '?')).subarray(0, headerBytes));
  const view = new DataView(bytes.buffer);
  view.setUint32(headerBytes, count, true);
  const corners = new Float64Array(9);
  for (let triangle = 0; triangle < count; triangle++) {
    for (let corner = 0; corner < 3; corner++) {
      const vertex = 3 * triangles[3 * triangle + corner]!;
      for (let axis = 0; axis < 3; axis++) corners[3 * corner + axis] = positions[vertex + axis]!;
    }
    const at = headerBytes + 4 + triangle * triangleBytes;
    normalOf(corners).forEach((part, axis) => view.setFloat32(at + 4 * axis, part, true));
    corners.forEach((part, index) => view.setFloat32(at + 12 + 4 * index, part, true));
  }
  return bytes;
}

/** Unit normal of a triangle, outwards where its corners run counter-clockwise; zeros where it has no area. */
function normalOf(p: Float64Array): number[] {
  const [ux, uy, uz] = [p[3]! - p[0]!, p[4]! - p[1]!, p[5]! - p[2]!];
  const [vx, vy, vz] = [p[6]! - p[0]!, p[7]! - p[1]!, p[8]! - p[2]!];
  const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const length = Math.hypot(...normal) || 1;
  return normal.map((part) => part / length);
}
