import type { Vec3 } from '../../volume/volume.ts';
import type { ImageFrame, ImagePlane } from './image-frame.ts';
import { cross, dot, scaledSum } from './vector.ts';

/** An image whose place is known. */
export type PlacedFrame = ImageFrame & { readonly plane: ImagePlane };

/** Where a slice lies in a stack, mm: along the normal, and shifted within the plane against the stack's first slice. */
export interface Slice {
  readonly image: PlacedFrame;
  readonly alongMm: number;
  readonly shiftXMm: number;
  readonly shiftYMm: number;
}

/** Parallel images sorted along their normal, ascending; positions are relative to the first. */
export interface Stack {
  readonly normal: Vec3;
  readonly xDirection: Vec3;
  readonly yDirection: Vec3;
  readonly slices: readonly Slice[];
}

/**
 * Two positions nearer than this are one: it is a tenth of the thinnest slices (0.1 mm), and tables are not placed more
 * exactly.
 */
export const samePositionMm = 0.01;

/** Sorts parallel images along the normal (row × column direction); images at one position by instance number. */
export function stackUp(images: readonly PlacedFrame[]): Stack {
  const [first] = images;
  if (!first) throw new RangeError('a stack needs an image');
  const { xDirection, yDirection } = first.plane;
  const normal = cross(xDirection, yDirection);
  const along = (image: PlacedFrame) => dot(image.plane.positionLps, normal);
  const sorted = images
    .map((image) => ({ image, at: along(image) }))
    .sort((a, b) => a.at - b.at || inSeriesOrder(a.image, b.image));
  const origin = sorted[0]?.image.plane.positionLps ?? first.plane.positionLps;
  const slices = sorted.map(({ image }) => {
    const offset = scaledSum(image.plane.positionLps, -1, origin);
    return {
      image,
      alongMm: dot(offset, normal),
      shiftXMm: dot(offset, xDirection),
      shiftYMm: dot(offset, yDirection),
    };
  });
  return { normal, xDirection, yDirection, slices };
}

/** By instance number, then by frame, then by file: an order that does not depend on the walk. */
export function inSeriesOrder(a: ImageFrame, b: ImageFrame): number {
  return (
    (a.instance.instanceNumber ?? 0) - (b.instance.instanceNumber ?? 0) ||
    a.frame - b.frame ||
    (a.instance.file < b.instance.file ? -1 : a.instance.file > b.instance.file ? 1 : 0)
  );
}

/** Runs of slices at one position, in order. */
export function byPosition(slices: readonly Slice[]): Slice[][] {
  const runs: Slice[][] = [];
  for (const slice of slices) {
    const run = runs.at(-1);
    const start = run?.[0];
    if (run && start && slice.alongMm - start.alongMm < samePositionMm) run.push(slice);
    else runs.push([slice]);
  }
  return runs;
}
