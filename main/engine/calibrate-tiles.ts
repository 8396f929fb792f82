import { createSession } from '../../native/onnxruntime/create-session.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { planTiles } from '../core/segment/2-tile/plan-tiles.ts';
import { readTile } from '../core/segment/2-tile/read-tile.ts';
import type { TilePlan } from '../core/segment/2-tile/tile-plan.ts';
import type { CalibrationTile } from '../core/tucker/aware/calibration.ts';
import { chooseTiles, countLabels } from '../core/tucker/aware/choose-tiles.ts';
import { voxelCount, type Vec3 } from '../core/volume/volume.ts';
import { prepareImage } from './prepare-image.ts';
import type { TaskContext } from './task-runner.ts';

export interface TileRequest {
  /** The original: one network. */
  readonly network: Uint8Array;
  readonly model: SegmentationModel;
  /** Unlabelled images, each with its channels in the model's order. */
  readonly volumes: readonly (readonly VolumeSource[])[];
  readonly tileShape: Vec3;
  /** Over all volumes. */
  readonly tiles: number;
  readonly threads: number;
}

/** Tiles of one volume that the original network is run on, to see where it finds something. */
const mostCandidates = 27;

/**
 * The parts of the given images in which the network finds most of its labels, the same in every run. A tile of a fully
 * convolutional network has a border that sees padding instead of the image; nothing is sampled there.
 *
 * @throws AppFailure as `loadChannels` and `preprocessVolumes` do, `out-of-memory`, `device-failed`, `cancelled`
 */
export async function calibrationTiles(
  request: TileRequest,
  context: TaskContext,
): Promise<CalibrationTile[]> {
  const { volumes, network, threads } = request;
  const cpu = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
  const session = await createSession(network, cpu, threads);
  try {
    const tiles: CalibrationTile[] = [];
    for (const [v, sources] of volumes.entries()) {
      const wanted = Math.ceil((request.tiles - tiles.length) / (volumes.length - v));
      const image = await prepareImage(sources, request.model, context);
      const plan = calibrationPlan(request, image.shape);
      const report = (part: number) => context.onProgress?.(v + part, volumes.length);
      const shape = [1, request.model.channels.length, ...plan.tileShape];
      const output = new Float32Array(request.model.decision.values.length * voxelCount(plan.tileShape));
      const outputShape = [1, request.model.decision.values.length, ...plan.tileShape];
      const candidates: CalibrationTile[] = [];
      for (const [t, { start }] of plan.tiles.entries()) {
        if (context.signal?.aborted) throw new AppFailure({ code: 'cancelled' });
        const input = new Float32Array(shape.reduce((a, b) => a * b, 1));
        readTile(image.data, request.model.channels.length, image.shape, plan, start, [], input);
        // Nothing of the patient is in it.
        if (input.every((value) => value === input[0])) continue;
        await session.run(input, shape, output, outputShape);
        const labels = labelsOf(output, request.model, plan.tileShape);
        leaveOutBorder(labels, plan, start, request.model);
        candidates.push({ input, shape, labels });
        report((t + 1) / plan.tiles.length);
      }
      const counts = candidates.map(({ labels }) => countLabels(labels));
      tiles.push(...chooseTiles(counts, wanted).map((index) => candidates[index]));
    }
    return tiles;
  } finally {
    await session.release();
  }
}

/** Tiles side by side, or as near as the volume allows; of too many, some spread evenly. */
function calibrationPlan({ model, tileShape }: TileRequest, shape: Vec3): TilePlan {
  const fits = (size: number, axis: number) => Math.min(size, shape[axis]);
  const patch = model.tiling.kind === 'margin' ? (tileShape.map(fits) as unknown as Vec3) : tileShape;
  const plan = planTiles({ patch, tiling: { kind: 'gaussian', step: 1 } }, shape);
  const every = Math.ceil(plan.tiles.length / mostCandidates);
  return { ...plan, tiles: plan.tiles.filter((_, i) => i % every === 0) };
}

/** The channel that is largest; of regions, 0 where none is positive and 1 + the channel that is largest otherwise. */
function labelsOf(logits: Float32Array, { decision }: SegmentationModel, shape: Vec3): Int16Array {
  const voxels = voxelCount(shape);
  const labels = new Int16Array(voxels);
  const best = new Float32Array(voxels);
  const regions = decision.kind === 'regions';
  if (!regions) best.set(logits.subarray(0, voxels));
  for (let c = regions ? 0 : 1; c < decision.values.length; c++) {
    const label = regions ? c + 1 : c;
    const from = c * voxels;
    for (let i = 0; i < voxels; i++) {
      const value = logits[from + i];
      if (value > best[i]) {
        best[i] = value;
        labels[i] = label;
      }
    }
  }
  return labels;
}

/** Marks what is not to be sampled. In half of a tile's reach at most: the rest has to be worth the run. */
function leaveOutBorder(
  labels: Int16Array,
  plan: TilePlan,
  start: Vec3,
  { tiling }: SegmentationModel,
): void {
  if (tiling.kind !== 'margin') return;
  const { tileShape, paddedShape } = plan;
  const margins = tiling.marginVoxels.map((margin, a) => Math.min(margin, Math.floor(tileShape[a] / 8)));
  const from = margins.map((margin, a) => (start[a] === 0 ? 0 : margin));
  const to = margins.map((margin, a) =>
    start[a] + tileShape[a] === paddedShape[a] ? tileShape[a] : tileShape[a] - margin,
  );
  const [n0, n1, n2] = tileShape;
  for (let z = 0, i = 0; z < n0; z++)
    for (let y = 0; y < n1; y++)
      for (let x = 0; x < n2; x++, i++)
        if (z < from[0] || z >= to[0] || y < from[1] || y >= to[1] || x < from[2] || x >= to[2])
          labels[i] = -1;
}
