import { voxelCount, type Vec3 } from '../volume/volume.ts';

// Masks are [d0, d1, d2], 0 or 1. Structuring elements are balls: all voxels whose centre lies within `radius` voxels.
// Radii are small here, so balls are added row by row; an exact distance transform takes two to four times as long at
// radii of 1 and 2. Beyond the border there is nothing to reach and nothing that eats away: an opened mask that touches
// it keeps touching it.

/** Voxels within `radius` of the mask. */
export function dilated(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  return withinBall(mask, shape, 1, radius);
}

/** Voxels of the mask that have no voxel outside it within `radius`. */
export function eroded(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  const near = withinBall(mask, shape, 0, radius);
  for (let i = 0; i < near.length; i++) near[i] = 1 - near[i];
  return near;
}

/** What balls inside the mask cover. */
export function opened(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  return dilated(eroded(mask, shape, radius), shape, radius);
}

/**
 * The mask and all that balls outside it cannot cover. Balls have room beyond the border, so that what lies between the mask
 * and the border stays open.
 */
export function closed(mask: Uint8Array, shape: Vec3, radius: number): Uint8Array {
  const margin = Math.ceil(radius);
  const roomy: Vec3 = [shape[0] + 2 * margin, shape[1] + 2 * margin, shape[2] + 2 * margin];
  const start: Vec3 = [margin, margin, margin];
  const padded = new Uint8Array(voxelCount(roomy));
  forRows(shape, roomy, start, (row, at) => padded.set(mask.subarray(row, row + shape[2]), at));
  const wide = eroded(dilated(padded, roomy, radius), roomy, radius);
  const result = new Uint8Array(mask.length);
  forRows(shape, roomy, start, (row, at) => result.set(wide.subarray(at, at + shape[2]), row));
  return result;
}

/** Where each row of a grid begins, in it and in a larger grid in which its first voxel is `start`. */
function forRows(shape: Vec3, larger: Vec3, start: Vec3, visit: (row: number, at: number) => void): void {
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      const at = ((z + start[0]) * larger[1] + y + start[1]) * larger[2] + start[2];
      visit((z * shape[1] + y) * shape[2], at);
    }
  }
}

/**
 * 1 where a voxel of `value` lies within `radius` of the centre, itself included: for each step across rows and planes that
 * the ball holds, what it holds of a row.
 */
function withinBall(mask: Uint8Array, shape: Vec3, value: 0 | 1, radius: number): Uint8Array {
  const [depth, height, width] = shape;
  const plane = height * width;
  const reach = Math.floor(radius);
  const wide = widenedRows(mask, width, value, reach);
  const near = new Uint8Array(mask.length);
  for (let source = 0; source < depth; source++) {
    if (!mask.subarray(source * plane, (source + 1) * plane).includes(value)) continue;
    const [first, last] = [Math.max(0, source - reach), Math.min(depth - 1, source + reach)];
    for (let z = first; z <= last; z++) {
      for (let dy = -Math.min(reach, height - 1); dy <= Math.min(reach, height - 1); dy++) {
        const left = radius * radius - (z - source) ** 2 - dy * dy;
        if (left < 0) continue;
        const from = source * plane + Math.max(0, -dy) * width;
        const to = z * plane + Math.max(0, dy) * width;
        addVoxels(wide[Math.floor(Math.sqrt(left))], from, near, to, plane - Math.abs(dy) * width);
      }
    }
  }
  return near;
}

function addVoxels(from: Uint8Array, source: number, to: Uint8Array, target: number, count: number): void {
  for (let i = 0; i < count; i++) to[target + i] |= from[source + i];
}

/** Element w: 1 where the row has a voxel of `value` at most w away. */
function widenedRows(mask: Uint8Array, width: number, value: 0 | 1, most: number): readonly Uint8Array[] {
  const wide = [mask.map((voxel) => (voxel === value ? 1 : 0))];
  for (let w = 1; w <= most; w++) {
    const next = wide[w - 1].slice();
    for (let row = 0; row < mask.length; row += width) {
      for (let x = 0; x + w < width; x++) {
        next[row + x] |= wide[0][row + x + w];
        next[row + x + w] |= wide[0][row + x];
      }
    }
    wide.push(next);
  }
  return wide;
}
