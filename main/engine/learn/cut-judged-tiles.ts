import { planTiles } from '../../core/segment/2-tile/plan-tiles.ts';
import { readTile } from '../../core/segment/2-tile/read-tile.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import type { JudgedPatch } from './judge-patches.ts';
import type { LabelledImage } from './train-images.ts';

/** Judging is no learning: the images held out are looked at in so many tiles at most. */
const mostTiles = 12;

/**
 * Tiles of labelled images to judge by: those with most of each label, and others evenly spread over all of them. What of a tile lies
 * beyond its image does not count.
 */
export function cutJudgedTiles(images: readonly LabelledImage[], patch: Vec3): readonly JudgedPatch[] {
  const all = images.flatMap((image) => tilesOf(image, patch).map((start) => ({ image, start })));
  if (all.length <= mostTiles) return all.map(({ image, start }) => tileOf(image, start, patch));
  const counts = all.map(({ image, start }) => countLabels(image, start, patch));
  const labels = [...new Set(counts.flatMap((each) => [...each.keys()]))].sort((a, b) => a - b);
  const chosen = new Set(
    labels
      .filter((label) => label !== 0)
      .slice(0, mostTiles)
      .map((label) => indexOfMost(counts.map((each) => each.get(label) ?? 0))),
  );
  const room = mostTiles - chosen.size;
  if (room > 0) {
    const left = all.map((_, index) => index).filter((index) => !chosen.has(index));
    const every = Math.ceil(left.length / room);
    for (let at = every >> 1; at < left.length; at += every) chosen.add(left[at]!);
  }
  return [...chosen]
    .sort((a, b) => a - b)
    .map((index) => tileOf(all[index]!.image, all[index]!.start, patch));
}

/** The first of the largest. */
const indexOfMost = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Voxels of each label in the part of a tile that lies in its image. */
function countLabels(
  { labels, shape }: LabelledImage,
  start: Vec3,
  patch: Vec3,
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  const [z0, y0, x0] = start.map((each) => Math.max(0, each)) as unknown as Vec3;
  const [z1, y1, x1] = start.map((each, axis) =>
    Math.min(shape[axis]!, each + patch[axis]!),
  ) as unknown as Vec3;
  for (let z = z0; z < z1; z++) {
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const label = labels[(z * shape[1] + y) * shape[2] + x]!;
        counts.set(label, (counts.get(label) ?? 0) + 1);
      }
    }
  }
  return counts;
}

/** Starts of tiles side by side, in voxels of the image; below 0 where it is smaller than a patch. */
function tilesOf({ shape }: LabelledImage, patch: Vec3): Vec3[] {
  const plan = planTiles({ patch, tiling: { kind: 'gaussian', step: 1 } }, shape);
  return plan.tiles.map(
    ({ start }) => start.map((each, axis) => each - plan.inside.start[axis]!) as unknown as Vec3,
  );
}

function tileOf({ data, labels, shape }: LabelledImage, start: Vec3, patch: Vec3): JudgedPatch {
  const image = new Float32Array(voxelCount(patch));
  readTile(data, 1, shape, { tileShape: patch, inside: { start: [0, 0, 0], end: shape } }, start, [], image);
  const inside: number[] = [];
  const found: number[] = [];
  for (let z = 0, at = 0; z < patch[0]; z++) {
    for (let y = 0; y < patch[1]; y++) {
      for (let x = 0; x < patch[2]; x++, at++) {
        const [sz, sy, sx] = [z + start[0], y + start[1], x + start[2]];
        const isInside = [sz, sy, sx].every((each, axis) => each >= 0 && each < shape[axis]!);
        if (!isInside) continue;
        inside.push(at);
        found.push(labels[(sz * shape[1] + sy) * shape[2] + sx]!);
      }
    }
  }
  return { image, inside: Uint32Array.from(inside), codes: Uint8Array.from(found) };
}
