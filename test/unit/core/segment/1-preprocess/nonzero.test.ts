import { describe, expect, it } from 'vitest';
import { findNonzeroBox, mergeBoxes } from '../../../../../main/core/segment/1-preprocess/nonzero-box.ts';
import { fillNonzeroMask } from '../../../../../main/core/segment/1-preprocess/nonzero-mask.ts';
import { boxShape, type Box } from '../../../../../main/core/volume/box.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { createRandom } from '../../../../fixtures/random.ts';

/** A volume of which about one voxel in `rarity` is not 0. */
function sparseVolume(shape: Vec3, rarity: number, random: () => number): Int16Array {
  return Int16Array.from({ length: voxelCount(shape) }, () => (random() < 1 / rarity ? -1000 : 0));
}

function indexOf([, rows, columns]: Vec3, z: number, y: number, x: number): number {
  return (z * rows + y) * columns + x;
}

function bruteBox(voxels: Int16Array, shape: Vec3): Box | null {
  const start = [Infinity, Infinity, Infinity];
  const end = [0, 0, 0];
  voxels.forEach((value, i) => {
    if (value === 0) return;
    const index = [Math.floor(i / shape[1] / shape[2]), Math.floor(i / shape[2]) % shape[1], i % shape[2]];
    index.forEach((n, axis) => {
      start[axis] = Math.min(start[axis], n);
      end[axis] = Math.max(end[axis], n + 1);
    });
  });
  return end[0] === 0 ? null : { start: start as unknown as Vec3, end: end as unknown as Vec3 };
}

describe('findNonzeroBox', () => {
  it('finds the box of sparse volumes, in parts too', () => {
    const random = createRandom(1);
    for (let run = 0; run < 200; run++) {
      const shape: Vec3 = [
        1 + Math.floor(random() * 6),
        1 + Math.floor(random() * 7),
        1 + Math.floor(random() * 8),
      ];
      const voxels = sparseVolume(shape, 2 + 60 * random(), random);
      const cut = Math.floor(random() * (shape[0] + 1));
      const parts = [
        findNonzeroBox({ voxels, shapeZyx: shape, from: 0, to: cut }),
        findNonzeroBox({ voxels, shapeZyx: shape, from: cut, to: shape[0] }),
      ];
      expect(mergeBoxes(parts)).toEqual(bruteBox(voxels, shape));
    }
  });
});

/** Repeats over all voxels until nothing changes: slow and plainly right. */
function bruteFilled(inside: Uint8Array, shape: Vec3): Uint8Array {
  const outside = new Uint8Array(inside.length);
  for (let changed = true; changed;) {
    changed = false;
    for (let z = 0; z < shape[0]; z++) {
      for (let y = 0; y < shape[1]; y++) {
        for (let x = 0; x < shape[2]; x++) {
          const at = indexOf(shape, z, y, x);
          if (inside[at] || outside[at]) continue;
          const neighbours = [
            [z - 1, y, x],
            [z + 1, y, x],
            [z, y - 1, x],
            [z, y + 1, x],
            [z, y, x - 1],
            [z, y, x + 1],
          ];
          const reached = neighbours.some(
            (n) =>
              n.some((value, axis) => value < 0 || value >= shape[axis]) ||
              outside[indexOf(shape, n[0], n[1], n[2])],
          );
          if (reached) {
            outside[at] = 1;
            changed = true;
          }
        }
      }
    }
  }
  return outside.map((value) => 1 - value);
}

describe('fillNonzeroMask', () => {
  it('fills what is enclosed, over all channels', () => {
    const random = createRandom(2);
    let filled = 0;
    for (let run = 0; run < 60; run++) {
      const shape: Vec3 = [5 + Math.floor(random() * 3), 6, 5 + Math.floor(random() * 4)];
      const channels = [sparseVolume(shape, 2.5, random), sparseVolume(shape, 2.5, random)];
      const either = Uint8Array.from(channels[0], (value, i) =>
        value !== 0 || channels[1][i] !== 0 ? 1 : 0,
      );
      const box = mergeBoxes(
        channels.map((voxels) => findNonzeroBox({ voxels, shapeZyx: shape, from: 0, to: shape[0] })),
      )!;
      const mask = new Uint8Array(voxelCount(boxShape(box))).fill(9);
      fillNonzeroMask({ channels, shapeZyx: shape, box, mask });
      const expected = bruteFilled(either, shape);
      let at = 0;
      for (let z = box.start[0]; z < box.end[0]; z++) {
        for (let y = box.start[1]; y < box.end[1]; y++) {
          for (let x = box.start[2]; x < box.end[2]; x++) {
            expect(mask[at++]).toBe(expected[indexOf(shape, z, y, x)]);
          }
        }
      }
      filled +=
        expected.reduce((sum, value) => sum + value, 0) - either.reduce((sum, value) => sum + value, 0);
    }
    // The property was put to the test: there were holes.
    expect(filled).toBeGreaterThan(100);
  });
});
