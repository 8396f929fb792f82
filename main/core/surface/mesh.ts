/** A triangle mesh; a closed one has its triangles counter-clockwise seen from outside. */
export interface Mesh {
  /** x, y, z of one vertex after the other: LPS, mm, where nothing else is said. */
  readonly positions: Float32Array;
  /** Three vertex numbers a triangle. */
  readonly triangles: Uint32Array;
}

/** Volume inside a closed mesh (divergence theorem), in the cube of its unit; negative where it is inside out. */
export function meshVolume({ positions: p, triangles }: Mesh): number {
  let sum = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!];
    sum +=
      p[a]! * (p[b + 1]! * p[c + 2]! - p[b + 2]! * p[c + 1]!) +
      p[a + 1]! * (p[b + 2]! * p[c]! - p[b]! * p[c + 2]!) +
      p[a + 2]! * (p[b]! * p[c + 1]! - p[b + 1]! * p[c]!);
  }
  return sum / 6;
}

/** Area of all triangles, in the square of the mesh's unit. */
export function meshArea(mesh: Mesh): number {
  const normal = new Float64Array(3);
  let sum = 0;
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    areaVector(mesh, t, normal);
    sum += Math.hypot(normal[0]!, normal[1]!, normal[2]!);
  }
  return sum / 2;
}

/** Unit normals at the vertices, x, y, z each: the mean over the triangles around, by their area. */
export function vertexNormals(mesh: Mesh): Float32Array {
  const { positions, triangles } = mesh;
  const normals = new Float32Array(positions.length);
  const normal = new Float64Array(3);
  for (let t = 0; t < triangles.length; t += 3) {
    areaVector(mesh, t, normal);
    for (let corner = 0; corner < 3; corner++) {
      const at = 3 * triangles[t + corner]!;
      for (let axis = 0; axis < 3; axis++) normals[at + axis]! += normal[axis]!;
    }
  }
  for (let at = 0; at < normals.length; at += 3) {
    const length = Math.hypot(normals[at]!, normals[at + 1]!, normals[at + 2]!) || 1;
    for (let axis = 0; axis < 3; axis++) normals[at + axis]! /= length;
  }
  return normals;
}

/** Twice the area of the triangle whose numbers begin at `t`, along its normal, into `out`. */
function areaVector({ positions: p, triangles }: Mesh, t: number, out: Float64Array): void {
  const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!];
  const [ux, uy, uz] = [p[b]! - p[a]!, p[b + 1]! - p[a + 1]!, p[b + 2]! - p[a + 2]!];
  const [vx, vy, vz] = [p[c]! - p[a]!, p[c + 1]! - p[a + 1]!, p[c + 2]! - p[a + 2]!];
  out[0] = uy * vz - uz * vy;
  out[1] = uz * vx - ux * vz;
  out[2] = ux * vy - uy * vx;
}
