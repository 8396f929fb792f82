import type { Vec3 } from '../../main/core/volume/volume.ts';

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Without negative zeros, which tests and screens would show. */
export function negate(a: Vec3): Vec3 {
  return [0 - a[0], 0 - a[1], 0 - a[2]];
}

/** `from + direction · distance` */
export function along(from: Vec3, direction: Vec3, distance: number): Vec3 {
  return [
    from[0] + direction[0] * distance,
    from[1] + direction[1] * distance,
    from[2] + direction[2] * distance,
  ];
}

export function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
