import type { Vec3 } from './volume.ts';

/**
 * Copies the box of `size` that begins at `start`, which may lie partly outside. What is outside stays as it was in `target`.
 *
 * @param source [...shape]
 * @param target [...size]
 */
export function copyBox<T extends Float32Array | Uint8Array>(
  source: T,
  [n0, n1, n2]: Vec3,
  [z0, y0, x0]: Vec3,
  [s0, s1, s2]: Vec3,
  target: T,
): void {
  const [from, to] = [Math.max(0, -x0), Math.min(s2, n2 - x0)];
  if (from >= to) return;
  for (let i = Math.max(0, -z0); i < Math.min(s0, n0 - z0); i++) {
    for (let j = Math.max(0, -y0); j < Math.min(s1, n1 - y0); j++) {
      const row = ((z0 + i) * n1 + y0 + j) * n2 + x0;
      target.set(source.subarray(row + from, row + to), (i * s1 + j) * s2 + from);
    }
  }
}
