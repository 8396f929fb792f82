import { planTiles } from '../../core/segment/2-tile/plan-tiles.ts';
import { copyBox } from '../../core/volume/copy-box.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import type { JudgedPatch } from './judge-patches.ts';
import type { LabelledImage } from './train-images.ts';

/** Judging is no learning: the images held out are looked at in so many tiles at most. */
const mostTiles = 12;

/**
 * Tiles of labelled images to judge by, together for each image that has any: those with most of each label, and others evenly spread
 * over all images. What of a tile lies beyond its image does not count.
 */
export function cutJudgedTiles(
  images: readonly LabelledImage[],
  patch: Vec3,
): readonly (readonly JudgedPatch[])[] {
  const all = images.flatMap((image) => tilesOf(image, patch).map((start) => ({ image, start })));
  const judged = all.length <= mostTiles ? all : chooseTiles(all, patch);
  return images
    .map((image) =>
      judged.filter((tile) => tile.image === image).map(({ start }) => tileOf(image, start, patch)),
    )
    .filter((tiles) => tiles.length > 0);
}

interface Tile {
  readonly image: LabelledImage;
  readonly start: Vec3;
}

function chooseTiles(all: readonly Tile[], patch: Vec3): readonly Tile[] {
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
  return all.filter((_, index) => chosen.has(index));
}

/** The first of the largest. */
const indexOfMost = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Starts of tiles side by side, in voxels of the image; below 0 where it is smaller than a patch. */
function tilesOf({ shape }: LabelledImage, patch: Vec3): Vec3[] {
  const plan = planTiles({ patch, tiling: { kind: 'gaussian', step: 1 } }, shape);
  return plan.tiles.map(
    ({ start }) => start.map((each, axis) => each - plan.inside.start[axis]!) as unknown as Vec3,
  );
}

function tileOf({ data, labels, shape }: LabelledImage, start: Vec3, patch: Vec3): JudgedPatch {
  const image = new Float32Array(voxelCount(patch));
  copyBox(data, shape, start, patch, image);
  const { inPatch, inImage } = voxelsInside(shape, start, patch);
  return { image, inside: inPatch, codes: labelsAt(labels, inImage) };
}

/** Of the part of a tile that lies in its image. */
function countLabels(
  { labels, shape }: LabelledImage,
  start: Vec3,
  patch: Vec3,
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const label of labelsAt(labels, voxelsInside(shape, start, patch).inImage))
    counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

const labelsAt = (labels: Uint8Array, voxels: Uint32Array): Uint8Array =>
  Uint8Array.from(voxels, (at) => labels[at]!);

/** Indices of the voxels that a patch has in common with an image, in the one and in the other. */
function voxelsInside(shape: Vec3, start: Vec3, patch: Vec3) {
  const from = start.map((each) => Math.max(0, -each)) as unknown as Vec3;
  const to = patch.map((size, axis) => Math.min(size, shape[axis]! - start[axis]!)) as unknown as Vec3;
  const count = to.reduce((product, end, axis) => product * (end - from[axis]!), 1);
  const [inPatch, inImage] = [new Uint32Array(count), new Uint32Array(count)];
  let at = 0;
  for (let z = from[0]; z < to[0]; z++) {
    for (let y = from[1]; y < to[1]; y++) {
      for (let x = from[2]; x < to[2]; x++, at++) {
        inPatch[at] = (z * patch[1] + y) * patch[2] + x;
        inImage[at] = ((z + start[0]) * shape[1] + y + start[1]) * shape[2] + x + start[2];
      }
    }
  }
  return { inPatch, inImage };
}
