import { expect, test } from 'vitest';
import { copyBox } from '../../../../main/core/volume/copy-box.ts';
import type { Vec3 } from '../../../../main/core/volume/volume.ts';

const shape: Vec3 = [3, 4, 5];
const source = Float32Array.from({ length: 60 }, (_, i) => i + 1);

test.each<readonly [Vec3, Vec3]>([
  [[0, 0, 0], shape],
  [
    [1, 2, 1],
    [2, 2, 3],
  ],
  [
    [-1, -2, -1],
    [3, 4, 4],
  ],
  [
    [2, 3, 4],
    [2, 2, 2],
  ],
  [
    [-2, -2, -2],
    [8, 8, 9],
  ],
  [
    [3, 0, 0],
    [2, 2, 2],
  ],
  [
    [0, 0, -4],
    [2, 2, 3],
  ],
])('a box from %j of %j is what lies in it, and zero outside', (start, size) => {
  const target = new Float32Array(size[0] * size[1] * size[2]);
  copyBox(source, shape, start, size, target);
  target.forEach((value, i) => {
    const voxel = [Math.floor(i / (size[1] * size[2])), Math.floor(i / size[2]) % size[1], i % size[2]];
    const [z, y, x] = voxel.map((at, axis) => at + start[axis]!) as unknown as Vec3;
    const isInside = [z, y, x].every((at, axis) => at >= 0 && at < shape[axis]!);
    expect(value).toBe(isInside ? source[(z * 4 + y) * 5 + x] : 0);
  });
});
