import type { Vec3 } from '../../volume/volume.ts';
import type { TilePlan } from './tile-plan.ts';
import { spreadEvenly } from './tile-starts.ts';

interface Span {
  readonly start: number;
  readonly keepStart: number;
  readonly keepEnd: number;
}

/**
 * Tiles of a fully convolutional network with zero padding: where a tile ends inside the volume, the outer `margin`
 * voxels of its output saw padding instead of the volume and are left to the neighbour; at the volume's own border
 * they are right as they are. With a margin of the receptive field's radius the result is that of one pass over
 * the whole volume. A volume smaller than the patch is one smaller tile, not padded.
 *
 * @throws RangeError where the patch leaves nothing between its margins
 */
export function marginTiles(shape: Vec3, patch: Vec3, marginVoxels: Vec3): TilePlan {
  const tileShape = shape.map((n, a) => Math.min(n, patch[a])) as unknown as Vec3;
  const [s0, s1, s2] = shape.map((n, a) => spansAlong(n, tileShape[a], marginVoxels[a]));
  const tiles = s0.flatMap((a) =>
    s1.flatMap((b) =>
      s2.map((c) => ({
        start: [a.start, b.start, c.start] as Vec3,
        keep: {
          start: [a.keepStart, b.keepStart, c.keepStart] as Vec3,
          end: [a.keepEnd, b.keepEnd, c.keepEnd] as Vec3,
        },
      })),
    ),
  );
  return { paddedShape: shape, inside: { start: [0, 0, 0], end: shape }, tileShape, tiles, weights: null };
}

function spansAlong(size: number, tile: number, margin: number): Span[] {
  if (tile === size) return [{ start: 0, keepStart: 0, keepEnd: size }];
  if (tile <= 2 * margin)
    throw new RangeError(`a patch of ${tile} voxels leaves nothing between two margins of ${margin}`);
  // Each tile but the first and the last adds its middle; those two add one margin more.
  const starts = spreadEvenly(size - tile, Math.ceil((size - 2 * margin) / (tile - 2 * margin)));
  // Neighbours meet halfway through their overlap, which is at least two margins wide.
  const borders = starts.slice(1).map((start, i) => Math.floor((start + starts[i] + tile) / 2));
  return starts.map((start, i) => ({
    start,
    keepStart: i === 0 ? 0 : borders[i - 1] - start,
    keepEnd: i === starts.length - 1 ? tile : borders[i] - start,
  }));
}
