import type { Grid, Vec3, Voxels } from '../volume.ts';

/** A source index as a function of a target index: `offset + index · steps`, per source axis z, y, x. */
export interface IndexMap {
  readonly offset: Vec3;
  /** `steps[t][s]`: how source index s grows per target index t. Axes z, y, x. */
  readonly steps: readonly [Vec3, Vec3, Vec3];
}

/** Maps voxel indices of `target` to fractional voxel indices of `source` through patient space. */
export function mapIndices(target: Grid, source: Grid): IndexMap {
  const project = (vectorLps: readonly number[]): Vec3 => {
    const along = (axis: 0 | 1 | 2) => {
      const direction = source.directionsZyx[axis];
      const length = vectorLps.reduce((sum, component, i) => sum + component * direction[i], 0);
      return length / source.spacingZyxMm[axis];
    };
    return [along(0), along(1), along(2)];
  };
  const step = (axis: 0 | 1 | 2) =>
    project(target.directionsZyx[axis].map((component) => component * target.spacingZyxMm[axis]));
  return {
    offset: project(target.originLps.map((component, i) => component - source.originLps[i])),
    steps: [step(0), step(1), step(2)],
  };
}

/**
 * Whether two grids may share space: false only where some axis of one of them keeps them apart. (Oblique boxes that
 * pass each other at an edge count as sharing.)
 */
export function mayOverlap(a: Grid, b: Grid): boolean {
  return reaches(mapIndices(a, b), a, b) && reaches(mapIndices(b, a), b, a);
}

/** Whether the box round the target's voxels, in indices of the source, meets the source's along every axis. */
function reaches({ offset, steps }: IndexMap, target: Grid, source: Grid): boolean {
  return ([0, 1, 2] as const).every((s) => {
    let least = offset[s];
    let largest = offset[s];
    for (const t of [0, 1, 2] as const) {
      const along = (target.shapeZyx[t] - 1) * steps[t][s];
      least += Math.min(0, along);
      largest += Math.max(0, along);
    }
    return largest >= -0.5 && least <= source.shapeZyx[s] - 0.5;
  });
}

/** Planes [from, to) along z of a channel brought onto another grid. */
export interface ToGridTask {
  readonly voxels: Voxels;
  readonly sourceShapeZyx: Vec3;
  readonly targetShapeZyx: Vec3;
  readonly indexMap: IndexMap;
  /** Value where the source has no voxel. */
  readonly outside: number;
  readonly from: number;
  readonly to: number;
  readonly out: Float32Array;
}

/**
 * Trilinear interpolation at the voxel centres of the target grid. Up to half a voxel beyond its outermost centres the
 * source still counts, with the value at its border; further out the result is `outside`.
 */
export function resampleToGridPlanes(task: ToGridTask): void {
  const { voxels, sourceShapeZyx, targetShapeZyx, indexMap, outside, out } = task;
  const [, rows, columns] = targetShapeZyx;
  const [depth, height, width] = sourceShapeZyx;
  const plane = height * width;
  const { offset, steps } = indexMap;
  for (let z = task.from; z < task.to; z++) {
    for (let y = 0; y < rows; y++) {
      let to = (z * rows + y) * columns;
      for (let x = 0; x < columns; x++, to++) {
        const sz = offset[0] + z * steps[0][0] + y * steps[1][0] + x * steps[2][0];
        const sy = offset[1] + z * steps[0][1] + y * steps[1][1] + x * steps[2][1];
        const sx = offset[2] + z * steps[0][2] + y * steps[1][2] + x * steps[2][2];
        if (!(isWithin(sz, depth) && isWithin(sy, height) && isWithin(sx, width))) {
          out[to] = outside;
          continue;
        }
        const z0 = lowerIndex(sz, depth);
        const y0 = lowerIndex(sy, height);
        const x0 = lowerIndex(sx, width);
        const at = z0 * plane + y0 * width + x0;
        const dz = z0 + 1 < depth ? plane : 0;
        const dy = y0 + 1 < height ? width : 0;
        const dx = x0 + 1 < width ? 1 : 0;
        const tx = fraction(sx, x0);
        const ty = fraction(sy, y0);
        const a = mix(
          mix(voxels[at], voxels[at + dx], tx),
          mix(voxels[at + dy], voxels[at + dy + dx], tx),
          ty,
        );
        const b = mix(
          mix(voxels[at + dz], voxels[at + dz + dx], tx),
          mix(voxels[at + dz + dy], voxels[at + dz + dy + dx], tx),
          ty,
        );
        out[to] = mix(a, b, fraction(sz, z0));
      }
    }
  }
}

function isWithin(position: number, size: number): boolean {
  return position >= -0.5 && position <= size - 0.5;
}

function lowerIndex(position: number, size: number): number {
  return Math.max(0, Math.min(Math.floor(position), size - 1));
}

function fraction(position: number, lower: number): number {
  return Math.max(0, Math.min(position - lower, 1));
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
