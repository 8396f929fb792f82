import type { Vec3 } from '../../volume/volume.ts';

/** Surface voxels of two segments in a box, C order: bits that say of which. */
export interface Surfaces {
  readonly voxels: Uint8Array;
  readonly shape: Vec3;
}

/**
 * Distance, mm, of each voxel with bit `from` to the nearest voxel with bit `to`, of which there is at least one; in
 * C order of the voxels. The exact Euclidean distance transform, one axis after the other (Felzenszwalb and
 * Huttenlocher, "Distance Transforms of Sampled Functions", 2012), with the spacing in it; along the last axis only
 * the columns that are asked about.
 */
export function distancesToNearest(
  { voxels, shape }: Surfaces,
  from: number,
  to: number,
  spacingZyxMm: Vec3,
): Float32Array {
  const distances = new Float32Array(countOf(voxels, from));
  // Where the surfaces coincide the distance is 0; compression leaves most of a surface where it was.
  if (countOf(voxels, from, to) === 0) return distances;
  const inPlane = squaredInPlane(voxels, shape, to, spacingZyxMm);
  const [depth, rows, columns] = shape;
  const area = rows * columns;
  const envelope = new LowerEnvelope(depth, spacingZyxMm[0]);
  // Where the distances of each plane begin, as they come out column by column.
  const next = planeStarts(voxels, depth, area, from);
  for (let column = 0; column < area; column++) {
    let asked = false;
    for (let z = 0; z < depth; z++) {
      const voxel = voxels[z * area + column];
      if ((voxel & from) !== 0 && (voxel & to) === 0) asked = true;
      envelope.values[z] = inPlane[z * area + column];
    }
    if (asked) envelope.build();
    for (let z = 0; z < depth; z++) {
      const voxel = voxels[z * area + column];
      if ((voxel & from) === 0) continue;
      distances[next[z]++] = (voxel & to) !== 0 ? 0 : Math.sqrt(envelope.at(z));
    }
  }
  return distances;
}

/** Voxels with bit `having`, and without bit `lacking`. */
function countOf(voxels: Uint8Array, having: number, lacking = 0): number {
  const mask = having | lacking;
  let count = 0;
  for (let i = 0; i < voxels.length; i++) if ((voxels[i] & mask) === having) count++;
  return count;
}

/** Running total of the voxels with bit `from` before each plane. */
function planeStarts(voxels: Uint8Array, depth: number, area: number, from: number): Float64Array {
  const starts = new Float64Array(depth);
  for (let z = 1; z < depth; z++) {
    starts[z] = starts[z - 1] + countOf(voxels.subarray((z - 1) * area, z * area), from);
  }
  return starts;
}

/** mm², to the nearest voxel with bit `to` in the same plane; Infinity in planes without one. */
function squaredInPlane(voxels: Uint8Array, shape: Vec3, to: number, [, dy, dx]: Vec3): Float32Array {
  const [depth, rows, columns] = shape;
  const squared = new Float32Array(voxels.length);
  const envelope = new LowerEnvelope(rows, dy);
  for (let z = 0; z < depth; z++) {
    const plane = z * rows * columns;
    let any = false;
    for (let y = 0; y < rows; y++) {
      any = squaredInRow(voxels, plane + y * columns, columns, to, dx, squared) || any;
    }
    if (!any) continue;
    for (let x = 0; x < columns; x++) {
      for (let y = 0; y < rows; y++) envelope.values[y] = squared[plane + y * columns + x];
      envelope.build();
      for (let y = 0; y < rows; y++) squared[plane + y * columns + x] = envelope.at(y);
    }
  }
  return squared;
}

/** One row: a sweep each way. Returns whether it has a voxel with bit `to`. */
function squaredInRow(
  voxels: Uint8Array,
  row: number,
  columns: number,
  to: number,
  spacing: number,
  squared: Float32Array,
): boolean {
  let steps = Infinity;
  for (let i = row; i < row + columns; i++) {
    steps = (voxels[i] & to) !== 0 ? 0 : steps + 1;
    squared[i] = steps;
  }
  const any = steps < Infinity;
  steps = Infinity;
  for (let i = row + columns - 1; i >= row; i--) {
    steps = (voxels[i] & to) !== 0 ? 0 : steps + 1;
    const nearest = Math.min(steps, squared[i]) * spacing;
    squared[i] = nearest * nearest;
  }
  return any;
}

/** min over q of values[q] + (spacing · (p − q))², for all p of a line: the lower envelope of its parabolas. */
class LowerEnvelope {
  /** To be filled before `build`; Infinity where there is nothing. */
  readonly values: Float64Array;
  readonly #squaredSpacing: number;
  /** Parabolas of the envelope from left to right: vertex, height above it, and where it becomes the lowest. */
  readonly #vertex: Int32Array;
  readonly #height: Float64Array;
  readonly #start: Float64Array;
  #count = 0;
  #current = 0;

  constructor(length: number, spacing: number) {
    this.values = new Float64Array(length);
    this.#squaredSpacing = spacing * spacing;
    this.#vertex = new Int32Array(length);
    this.#height = new Float64Array(length);
    this.#start = new Float64Array(length);
  }

  build(): void {
    const vertex = this.#vertex;
    const height = this.#height;
    const start = this.#start;
    let last = -1;
    for (let q = 0; q < this.values.length; q++) {
      const value = this.values[q];
      if (value === Infinity) continue;
      const h = value / this.#squaredSpacing + q * q;
      let from = -Infinity;
      while (last >= 0) {
        from = (h - height[last]) / (2 * (q - vertex[last]));
        if (from > start[last]) break;
        last--;
      }
      last++;
      vertex[last] = q;
      height[last] = h;
      start[last] = last === 0 ? -Infinity : from;
    }
    this.#count = last + 1;
    this.#current = 0;
  }

  /** Positions have to be asked for in ascending order. */
  at(p: number): number {
    if (this.#count === 0) return Infinity;
    while (this.#current + 1 < this.#count && this.#start[this.#current + 1] < p) this.#current++;
    const q = this.#vertex[this.#current];
    return this.#squaredSpacing * (p - q) * (p - q) + this.values[q];
  }
}
