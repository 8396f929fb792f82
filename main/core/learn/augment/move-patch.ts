import { copyBox } from '../../volume/copy-box.ts';
import { heaviestLabel } from '../../volume/resample/vote-label.ts';
import { voxelCount, type Vec3 } from '../../volume/volume.ts';
import type { Movement } from './draw-augmentation.ts';

/** Row by row, 3 × 3. */
export type Matrix = readonly number[];

/** How a patch lies in the middle of a crop. */
export interface Placement {
  /** Of the crop. */
  readonly shape: Vec3;
  readonly patch: Vec3;
  /** From voxels about the patch's middle to voxels about the crop's; null: they are the same. */
  readonly matrix: Matrix | null;
}

/** Scales, then turns about axis 0, 1 and 2, in voxels (batchgeneratorsv2's create_affine_matrix_3d). */
export function rotationMatrix({ angles, scales }: Movement): Matrix {
  const [c0, c1, c2] = angles.map(Math.cos) as unknown as Vec3;
  const [s0, s1, s2] = angles.map(Math.sin) as unknown as Vec3;
  const rotation = [
    [c2 * c1, c2 * s1 * s0 - s2 * c0, c2 * s1 * c0 + s2 * s0],
    [s2 * c1, s2 * s1 * s0 + c2 * c0, s2 * s1 * c0 - c2 * s0],
    [-s1, c1 * s0, c1 * c0],
  ];
  return rotation.flatMap((row) => row.map((value, axis) => value * scales[axis]!));
}

/**
 * The patch in the middle of a crop: copied, or by trilinear interpolation, 0 outside.
 *
 * @param image [channels, ...shape]
 * @returns [channels, ...patch], new
 */
export function cutPatch(image: Float32Array, channels: number, placement: Placement): Float32Array {
  const { shape, patch, matrix } = placement;
  const into = new Float32Array(channels * voxelCount(patch));
  const [from, to] = [voxelCount(shape), voxelCount(patch)];
  for (let channel = 0; channel < channels; channel++) {
    const source = image.subarray(channel * from, (channel + 1) * from);
    const target = into.subarray(channel * to, (channel + 1) * to);
    if (matrix) interpolate(source, placement, matrix, target);
    else copyBox(source, shape, startOf(placement), patch, target);
  }
  return into;
}

/** Labels as `cutPatch`: of the eight around a point, the label that weighs most (linear one-hot and argmax, as nnU-Net has it). */
export function cutLabels(labels: Uint8Array, placement: Placement): Uint8Array {
  const into = new Uint8Array(voxelCount(placement.patch));
  if (placement.matrix) vote(labels, placement, placement.matrix, into);
  else copyBox(labels, placement.shape, startOf(placement), placement.patch, into);
  return into;
}

/** First voxel of the patch in the crop. */
const startOf = ({ shape, patch }: Placement): Vec3 =>
  shape.map((size, axis) => Math.floor((size - patch[axis]!) / 2)) as unknown as Vec3;

/** Where a row of the patch begins in the crop, and what a step along it is. */
interface Row {
  z: number;
  y: number;
  x: number;
  readonly dz: number;
  readonly dy: number;
  readonly dx: number;
}

/** Calls `visit` with each row of the patch: one object that changes, and its first index. */
function eachRow(placement: Placement, m: Matrix, visit: (row: Row, index: number) => void): void {
  const [p0, p1, p2] = placement.patch;
  const start = startOf(placement);
  const half = placement.patch.map((size) => (size - 1) / 2) as unknown as Vec3;
  const row: Row = { z: 0, y: 0, x: 0, dz: m[2]!, dy: m[5]!, dx: m[8]! };
  for (let i = 0; i < p0; i++) {
    for (let j = 0; j < p1; j++) {
      const a = i - half[0];
      const b = j - half[1];
      row.z = start[0] + half[0] + m[0]! * a + m[1]! * b;
      row.y = start[1] + half[1] + m[3]! * a + m[4]! * b;
      row.x = start[2] + half[2] + m[6]! * a + m[7]! * b;
      visit(row, (i * p1 + j) * p2);
    }
  }
}

function interpolate(source: Float32Array, placement: Placement, matrix: Matrix, target: Float32Array): void {
  const [n0, n1, n2] = placement.shape;
  const size = placement.patch[2];
  const half = (size - 1) / 2;
  const plane = n1 * n2;
  const at = (z: number, y: number, x: number): number =>
    z < 0 || y < 0 || x < 0 || z >= n0 || y >= n1 || x >= n2 ? 0 : source[(z * n1 + y) * n2 + x]!;
  eachRow(placement, matrix, (row, first) => {
    for (let k = 0; k < size; k++) {
      const pz = row.z + row.dz * (k - half);
      const py = row.y + row.dy * (k - half);
      const px = row.x + row.dx * (k - half);
      const z = Math.floor(pz);
      const y = Math.floor(py);
      const x = Math.floor(px);
      if (z < -1 || y < -1 || x < -1 || z >= n0 || y >= n1 || x >= n2) continue;
      const i = z * plane + y * n2 + x;
      const j = i + plane;
      const isInside = z >= 0 && y >= 0 && x >= 0 && z < n0 - 1 && y < n1 - 1 && x < n2 - 1;
      const fx = px - x;
      const near = isInside
        ? mix(mix(source[i]!, source[i + 1]!, fx), mix(source[i + n2]!, source[i + n2 + 1]!, fx), py - y)
        : mix(mix(at(z, y, x), at(z, y, x + 1), fx), mix(at(z, y + 1, x), at(z, y + 1, x + 1), fx), py - y);
      const far = isInside
        ? mix(mix(source[j]!, source[j + 1]!, fx), mix(source[j + n2]!, source[j + n2 + 1]!, fx), py - y)
        : mix(
            mix(at(z + 1, y, x), at(z + 1, y, x + 1), fx),
            mix(at(z + 1, y + 1, x), at(z + 1, y + 1, x + 1), fx),
            py - y,
          );
      target[first + k] = mix(near, far, pz - z);
    }
  });
}

/** Exactly the first at 0. */
const mix = (a: number, b: number, part: number): number => (1 - part) * a + part * b;

function vote(labels: Uint8Array, placement: Placement, matrix: Matrix, target: Uint8Array): void {
  const [n0, n1, n2] = placement.shape;
  const size = placement.patch[2];
  const half = (size - 1) / 2;
  const near = new Uint8Array(8);
  const weights = new Float64Array(8);
  eachRow(placement, matrix, (row, first) => {
    for (let k = 0; k < size; k++) {
      const pz = row.z + row.dz * (k - half);
      const py = row.y + row.dy * (k - half);
      const px = row.x + row.dx * (k - half);
      const z = Math.floor(pz);
      const y = Math.floor(py);
      const x = Math.floor(px);
      if (z < -1 || y < -1 || x < -1 || z >= n0 || y >= n1 || x >= n2) continue;
      let isOne = true;
      for (let corner = 0; corner < 8; corner++) {
        const cz = z + (corner >> 2);
        const cy = y + ((corner >> 1) & 1);
        const cx = x + (corner & 1);
        const isInside = cz >= 0 && cy >= 0 && cx >= 0 && cz < n0 && cy < n1 && cx < n2;
        near[corner] = isInside ? labels[(cz * n1 + cy) * n2 + cx]! : 0;
        if (near[corner] !== near[0]) isOne = false;
      }
      target[first + k] = isOne ? near[0]! : heaviestLabel(near, weights, pz - z, py - y, px - x);
    }
  });
}
