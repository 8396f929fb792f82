import type { Vec3 } from '../../volume/volume.ts';
import { readTile } from '../2-tile/read-tile.ts';
import type { Tile, TilePlan } from '../2-tile/tile-plan.ts';
import { addOutput, addWeights, clearPlane, createRollingSum, takePlane } from '../4-blend/rolling-sum.ts';
import { mirrorings } from './mirrorings.ts';

/** One forward pass of the network of fold `fold`: [channel, t0, t1, t2] in and out. The output may be reused. */
export type RunNetwork = (fold: number, input: Float32Array, tileShape: Vec3) => Promise<Float32Array>;

export interface Prediction {
  /** [channel, d0, d1, d2]: the preprocessed volume. */
  readonly data: Float32Array;
  readonly inputChannels: number;
  readonly shape: Vec3;
  readonly plan: TilePlan;
  readonly mirrorAxes: readonly number[];
  readonly folds: number;
  /** Channels of one network's output. */
  readonly outputChannels: number;
  /**
   * `mean`: the folds' outputs are averaged. `stacked`: they stay side by side, fold after fold, for a head that
   * takes them all (`JoinedHead`).
   */
  readonly foldsAre: 'mean' | 'stacked';
  /** Planes before this one are not wanted: tiles that touch only them are left out. */
  readonly firstPlane: number;
  readonly runNetwork: RunNetwork;
  readonly onTile: (done: number, total: number) => void;
}

/** A finished plane along axis 0 of the network grid. */
export interface Plane {
  readonly index: number;
  /** More tiles have to run before the next plane: a good moment to hand on what there is. */
  readonly endsRun: boolean;
  /** Writes [channel, d1, d2] to `into` at `offset`; at most once, and before the next plane is asked for. */
  readonly take: (into: Float32Array, offset: number) => void;
}

/** Channels of the planes that `predictPlanes` gives. */
export function planeChannels(prediction: Pick<Prediction, 'folds' | 'outputChannels' | 'foldsAre'>): number {
  return prediction.foldsAre === 'stacked'
    ? prediction.folds * prediction.outputChannels
    : prediction.outputChannels;
}

/**
 * Sliding-window inference as nnU-Net's `predict_sliding_window_return_logits`, plane by plane: tile rows are run in
 * the order of axis 0, and every plane that no later tile touches is given out, averaged over tiles (weighted),
 * mirrorings and folds.
 */
export async function* predictPlanes(prediction: Prediction): AsyncGenerator<Plane> {
  const { plan, foldsAre, folds } = prediction;
  const flips = mirrorings(prediction.mirrorAxes);
  const rolling = createRollingSum(plan, planeChannels(prediction));
  const votes = flips.length * (foldsAre === 'stacked' ? 1 : folds);
  const inside = plan.inside.start[0];
  const tiles = plan.tiles.filter(
    (tile) => tile.start[0] + tile.keep.end[0] - inside > prediction.firstPlane,
  );
  const input = new Float32Array(
    prediction.inputChannels * plan.tileShape[0] * plan.tileShape[1] * plan.tileShape[2],
  );

  let given = tiles.length > 0 ? tiles[0].start[0] : plan.paddedShape[0];
  for (let t = 0; t < tiles.length; t++) {
    for (const mirrored of flips) await addRuns(prediction, tiles[t], mirrored, input, rolling);
    addWeights(rolling, tiles[t]);
    prediction.onTile(t + 1, tiles.length);

    const next = tiles.at(t + 1);
    const finished = next ? next.start[0] + next.keep.start[0] : plan.paddedShape[0];
    for (; given < finished; given++) {
      const index = given - inside;
      let taken = false;
      if (index >= prediction.firstPlane && index < prediction.shape[0]) {
        const take: Plane['take'] = (into, offset) => {
          takePlane(rolling, index + inside, votes, into, offset);
          taken = true;
        };
        yield { index, endsRun: given === finished - 1 || index === prediction.shape[0] - 1, take };
      }
      if (!taken) clearPlane(rolling, given);
    }
  }
}

type Rolling = ReturnType<typeof createRollingSum>;

async function addRuns(
  prediction: Prediction,
  tile: Tile,
  mirrored: readonly number[],
  input: Float32Array,
  rolling: Rolling,
): Promise<void> {
  const { plan, outputChannels, foldsAre } = prediction;
  readTile(prediction.data, prediction.inputChannels, prediction.shape, plan, tile.start, mirrored, input);
  for (let fold = 0; fold < prediction.folds; fold++) {
    const output = await prediction.runNetwork(fold, input, plan.tileShape);
    const firstChannel = foldsAre === 'stacked' ? fold * outputChannels : 0;
    addOutput(rolling, tile, mirrored, output, firstChannel, outputChannels);
  }
}
