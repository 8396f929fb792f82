import { decideCodes } from '../../core/segment/5-restore/decide-voxels.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import type { Preprocessed } from '../../core/segment/1-preprocess/preprocessed.ts';
import { planTiles } from '../../core/segment/2-tile/plan-tiles.ts';
import { readTile } from '../../core/segment/2-tile/read-tile.ts';
import { voxelAt, voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import type { SurveyedImage } from './patch-sampler.ts';

/** Logits [channels, voxels] of a patch. */
export type RunPatch = (patch: Float32Array) => Promise<Float32Array>;

/** Tiles of an image that the full network is run on, to see where it finds something. */
const mostTiles = 24;
/** Of each label in each tile: enough to centre patches on. */
const placesPerTile = 40;

/** Looks where the full network finds its labels. Throws what `run` does. */
export async function surveyByNetwork(
  image: Preprocessed,
  model: SegmentationModel,
  patch: Vec3,
  run: RunPatch,
  random: SeededRandom,
): Promise<SurveyedImage['places']> {
  const channels = model.channels.length;
  const plan = planTiles({ patch, tiling: { kind: 'gaussian', step: 1 } }, image.shape);
  const every = Math.ceil(plan.tiles.length / mostTiles);
  const places = new Map<number, Vec3[]>();
  const input = new Float32Array(channels * voxelCount(patch));
  for (const { start } of plan.tiles.filter((_, index) => index % every === 0)) {
    readTile(image.data, channels, image.shape, plan, start, [], input);
    if (input.every((value) => value === input[0])) continue;
    const labels = decideCodes(await run(input), model.decision);
    for (const [label, voxels] of byLabel(labels)) {
      const known = places.get(label) ?? [];
      for (let each = 0; each < Math.min(placesPerTile, voxels.length); each++) {
        known.push(placeOf(voxels[random.below(voxels.length)]!, start, plan.inside.start, patch));
      }
      places.set(label, known);
    }
  }
  return [...places].sort(([a], [b]) => a - b).map(([, voxels]) => voxels);
}

function byLabel(labels: Uint8Array): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === 0) continue;
    const voxels = found.get(label);
    if (voxels) voxels.push(i);
    else found.set(label, [i]);
  }
  return found;
}

/** From an index in a tile to a voxel of the image. */
function placeOf(index: number, start: Vec3, inside: Vec3, patch: Vec3): Vec3 {
  const [z, y, x] = voxelAt(index, patch);
  return [start[0] + z - inside[0], start[1] + y - inside[1], start[2] + x - inside[2]];
}
