import { planTiles } from '../../core/segment/2-tile/plan-tiles.ts';
import { readTile } from '../../core/segment/2-tile/read-tile.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import type { JudgedPatch } from './judge-patches.ts';
import type { LabelledImage } from './train-images.ts';

/** Judging is no learning: the images held out are looked at in so many tiles at most. */
const mostTiles = 12;

/** Tiles of labelled images to judge by, evenly spread over all of them; what of a tile lies beyond its image does not count. */
export function cutJudgedTiles(images: readonly LabelledImage[], patch: Vec3): readonly JudgedPatch[] {
  const all = images.flatMap((image) => tilesOf(image, patch).map((start) => ({ image, start })));
  const every = Math.ceil(all.length / mostTiles);
  return all
    .filter((_, index) => index % every === every >> 1)
    .map(({ image, start }) => tileOf(image, start, patch));
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
