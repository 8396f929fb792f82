import type { Box } from './box.ts';
import type { Vec3 } from './volume.ts';

/** The connected parts of one label in a box. */
export interface Parts {
  readonly box: Box;
  /** z, y, x of the box: 0 where the label is not, else the number of its part, from 1. */
  readonly partOf: Uint32Array;
  /** Voxels of part 1, 2, … */
  readonly sizes: readonly number[];
}

/**
 * The connected parts of a label: voxels that share a face. Only voxels in `box` are looked at.
 *
 * @param labels z, y, x of `shapeZyx`
 */
export function findParts(labels: Uint8Array, [, rows, columns]: Vec3, value: number, box: Box): Parts {
  const { start, end } = box;
  const [depth, height, width] = [end[0] - start[0], end[1] - start[1], end[2] - start[2]];
  const partOf = new Uint32Array(depth * height * width);
  const unseen = 0xffffffff;
  for (let z = 0, at = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      let from = ((start[0] + z) * rows + start[1] + y) * columns + start[2];
      for (let x = 0; x < width; x++)
        if (labels[from++] === value) partOf[at++] = unseen;
        else at++;
    }
  }
  const sizes: number[] = [];
  const stack: number[] = [];
  const plane = height * width;
  for (let seed = 0; seed < partOf.length; seed++) {
    if (partOf[seed] !== unseen) continue;
    const part = sizes.length + 1;
    let size = 0;
    partOf[seed] = part;
    stack.push(seed);
    const visit = (neighbour: number): void => {
      if (partOf[neighbour] !== unseen) return;
      partOf[neighbour] = part;
      stack.push(neighbour);
    };
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      size++;
      const inPlane = at % plane;
      const x = inPlane % width;
      if (x > 0) visit(at - 1);
      if (x < width - 1) visit(at + 1);
      if (inPlane >= width) visit(at - width);
      if (inPlane < plane - width) visit(at + width);
      if (at >= plane) visit(at - plane);
      if (at < partOf.length - plane) visit(at + plane);
    }
    sizes.push(size);
  }
  return { box, partOf, sizes };
}

/** Voxel numbers (z, y, x of the whole) of all parts but the largest; of equal ones the first is kept. */
export function smallerParts({ box, partOf, sizes }: Parts, shapeZyx: Vec3): Uint32Array {
  const kept = 1 + sizes.indexOf(Math.max(...sizes));
  return voxelsWhere({ box, partOf, sizes }, shapeZyx, (part) => part !== kept);
}

/** Voxel numbers (z, y, x of the whole) of the part that holds a voxel; none where the label is not there. */
export function partAt(parts: Parts, shapeZyx: Vec3, [z, y, x]: Vec3): Uint32Array {
  const { start, end } = parts.box;
  const [height, width] = [end[1] - start[1], end[2] - start[2]];
  const isInside = [z, y, x].every((index, axis) => index >= start[axis]! && index < end[axis]!);
  const wanted = isInside ? parts.partOf[((z - start[0]) * height + y - start[1]) * width + x - start[2]] : 0;
  return voxelsWhere(parts, shapeZyx, (part) => part === wanted);
}

function voxelsWhere(
  { box: { start, end }, partOf }: Parts,
  [, rows, columns]: Vec3,
  isWanted: (part: number) => boolean,
): Uint32Array {
  const voxels: number[] = [];
  let at = 0;
  for (let z = start[0]; z < end[0]; z++) {
    for (let y = start[1]; y < end[1]; y++) {
      for (let x = start[2]; x < end[2]; x++) {
        const part = partOf[at++]!;
        if (part !== 0 && isWanted(part)) voxels.push((z * rows + y) * columns + x);
      }
    }
  }
  return Uint32Array.from(voxels);
}
