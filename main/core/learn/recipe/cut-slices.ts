import type { Volume } from '../../volume/volume.ts';
import { RecipeError, type RecipePart } from './train-recipe.ts';

/** First slice and the one after the last, of a part of an image. Throws RecipeError where it has no slice. */
export function slicesOf(part: RecipePart, { grid }: Pick<Volume, 'grid'>): readonly [number, number] {
  const [count] = grid.shapeZyx;
  const [spacing] = grid.spacingZyxMm;
  if (part === 'all') return [0, count];
  const [first, last] =
    'slices' in part
      ? part.slices
      : // The centres of slices that lie in it; a hair more, for what was rounded.
        [Math.ceil(part.mm[0] / spacing - 1e-6), Math.floor(part.mm[1] / spacing + 1e-6)];
  const end = Math.min(count, last + 1);
  if (first < end) return [first, end];
  throw new RecipeError(`the slices ${first} to ${last} are not among its ${count}`);
}

/** The slices [from, to) of an image, as if it had no others; its voxels are not copied. */
export function cutSlices({ voxels, grid }: Volume, [from, to]: readonly [number, number]): Volume {
  const [, rows, columns] = grid.shapeZyx;
  const [direction] = grid.directionsZyx;
  const step = from * grid.spacingZyxMm[0];
  const [x, y, z] = grid.originLps;
  return {
    voxels: voxels.subarray(from * rows * columns, to * rows * columns),
    grid: {
      ...grid,
      shapeZyx: [to - from, rows, columns],
      originLps: [x + step * direction[0], y + step * direction[1], z + step * direction[2]],
    },
  };
}
