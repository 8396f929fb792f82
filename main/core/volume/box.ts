import type { Vec3 } from './volume.ts';

/** A half-open box of voxels, [start, end) along each axis. */
export interface Box {
  readonly start: Vec3;
  readonly end: Vec3;
}

export function boxShape(box: Box): Vec3 {
  return [box.end[0] - box.start[0], box.end[1] - box.start[1], box.end[2] - box.start[2]];
}
