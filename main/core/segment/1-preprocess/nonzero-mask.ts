import { boxShape, type Box } from '../../volume/box.ts';
import type { Vec3, Voxels } from '../../volume/volume.ts';

/** What the flood marks while the mask is being made. */
const OUTSIDE = 2;

/**
 * 1 where any channel is not 0 or where the voxel is enclosed by such ones (nnU-Net, `create_nonzero_mask`: scipy's
 * `binary_fill_holes` with face neighbours), 0 elsewhere. `box` is the nonzero box, beyond which everything is 0, so
 * that the flood from outside may start at the box's faces instead of the volume's.
 *
 * @param task.mask filled in: one byte per voxel of the box, z, y, x
 */
export function fillNonzeroMask(task: {
  readonly channels: readonly Voxels[];
  readonly shapeZyx: Vec3;
  readonly box: Box;
  readonly mask: Uint8Array;
}): void {
  const { channels, shapeZyx, box, mask } = task;
  const [depth, height, width] = boxShape(box);
  mask.fill(0);
  for (const voxels of channels) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const from = ((box.start[0] + z) * shapeZyx[1] + box.start[1] + y) * shapeZyx[2] + box.start[2];
        const to = (z * height + y) * width;
        for (let x = 0; x < width; x++) if (voxels[from + x] !== 0) mask[to + x] = 1;
      }
    }
  }
  floodFromFaces(mask, [depth, height, width]);
  for (let i = 0; i < mask.length; i++) mask[i] = mask[i] === OUTSIDE ? 0 : 1;
}

/** Turns every 0 that face neighbours connect with the border into OUTSIDE, row segment by row segment. */
function floodFromFaces(mask: Uint8Array, shape: Vec3): void {
  const [depth, height, width] = shape;
  const pending: number[] = [];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = (z * height + y) * width;
      const wholeRow = z === 0 || y === 0 || z === depth - 1 || y === height - 1;
      for (let x = 0; x < width; x += wholeRow ? 1 : Math.max(1, width - 1)) pending.push(row + x);
      drain(mask, shape, pending);
    }
  }
}

function drain(mask: Uint8Array, [depth, height, width]: Vec3, pending: number[]): void {
  const plane = height * width;
  const seedRow = (row: number, first: number, last: number) => {
    for (let x = first; x <= last; x++) {
      // One seed a segment is enough.
      if (mask[row + x] === 0 && (x === first || mask[row + x - 1] !== 0)) pending.push(row + x);
    }
  };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (mask[at] !== 0) continue;
    const row = at - (at % width);
    let first = at - row;
    let last = first;
    while (first > 0 && mask[row + first - 1] === 0) first--;
    while (last < width - 1 && mask[row + last + 1] === 0) last++;
    mask.fill(OUTSIDE, row + first, row + last + 1);
    const z = Math.floor(row / plane);
    const y = (row - z * plane) / width;
    if (y > 0) seedRow(row - width, first, last);
    if (y < height - 1) seedRow(row + width, first, last);
    if (z > 0) seedRow(row - plane, first, last);
    if (z < depth - 1) seedRow(row + plane, first, last);
  }
}
