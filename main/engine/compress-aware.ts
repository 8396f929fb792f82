import { createGraphSession } from '../../native/onnxruntime/create-graph-session.ts';
import { createMultiply } from '../../native/onnxruntime/create-multiply.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../core/onnx/onnx-file.ts';
import type { LoadGraph } from '../core/tucker/aware/calibration.ts';
import { compressAware } from '../core/tucker/aware/compress-aware.ts';
import type { Variant } from '../core/tucker/compress-model.ts';
import type { Recipe } from '../core/tucker/recipe.ts';
import type { Multiply } from '../core/tensor/matrix-product.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import { calibrationTiles } from './calibrate-tiles.ts';
import { decomposeInPool } from './decompose-in-pool.ts';
import { readMessages } from './read-messages.ts';
import type { TaskContext } from './task-runner.ts';

export interface AwareRequest {
  /** ONNX files, one per fold. */
  readonly networks: readonly Uint8Array[];
  readonly model: SegmentationModel;
  /** Unlabelled images to calibrate on, each with its channels in the model's order. */
  readonly volumes: readonly (readonly VolumeSource[])[];
  readonly recipes: readonly Recipe[];
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
}

/** A tile of a fully convolutional network, which has no size of its own. */
const freeTileSize = 96;
/** Over all volumes, as far as their activations fit into memory. */
const mostTiles = 6;
const leastTiles = 2;
/** Part of the free memory that the tiles' activations may take. */
const memoryShare = 0.4;
/** Part of the work, for the progress bar, that looking for tiles is. */
const lookingShare = 0.2;

/**
 * Variants of a model fitted to images (`compressAware`), by fold, then by recipe. Each fold is fitted on its own, on the
 * same images. Reports progress as parts of 1000.
 *
 * @throws AppFailure for images that cannot be read, `out-of-memory`, `device-failed`; `cancelled` within one run or product
 * @throws OnnxFormatError for a network that cannot be read
 */
export async function compressAwareNetworks(
  { networks, model, volumes, recipes, threads }: AwareRequest,
  context: TaskContext,
): Promise<Variant[][]> {
  const { pool, signal, onProgress } = context;
  const report = (fold: number, part: number) =>
    onProgress?.(Math.round((1000 * (fold + part)) / networks.length), 1000);
  const { decompose, settle } = decomposeInPool(pool, signal);
  const native = await createMultiply(threads);
  const multiply: Multiply = async (...operands) => {
    if (signal?.aborted) await readMessages(signal);
    return native.multiply(...operands);
  };
  const folds: Variant[][] = [];
  try {
    for (const [fold, network] of networks.entries()) {
      await readMessages(signal);
      const original = readOnnx(network);
      const { tileShape, tiles: count, inputShapes } = planCalibration(original, model, volumes.length);
      const looking = (done: number, total: number) => report(fold, (lookingShare * done) / total);
      const tiles = await calibrationTiles(
        { network, model, volumes, tileShape, tiles: count, threads },
        { ...context, onProgress: looking },
      );
      folds.push(
        await compressAware(original, recipes, {
          inputShapes,
          tiles,
          multiply,
          decompose,
          parallel: pool.options.maxThreads,
          load: cancellable(threads, signal),
          onProgress: (done, total) => report(fold, lookingShare + ((1 - lookingShare) * done) / total),
        }),
      );
    }
    return folds;
  } catch (error) {
    if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
    throw error;
  } finally {
    await settle();
    await native.release();
  }
}

function cancellable(threads: number, signal: AbortSignal | undefined): LoadGraph {
  return async (graph) => {
    await readMessages(signal);
    const session = await createGraphSession(writeOnnx(graph), threads);
    return {
      ...session,
      run: async (feeds) => {
        await readMessages(signal);
        return session.run(feeds);
      },
    };
  };
}

/** As many tiles as the memory allows, counted by the most that the network holds at a time. */
function planCalibration(
  original: OnnxModel,
  { patch, channels, tiling }: SegmentationModel,
  volumes: number,
) {
  const tileShape =
    tiling.kind === 'margin' ? (patch.map((size) => Math.min(size, freeTileSize)) as unknown as Vec3) : patch;
  const input = original.graph.inputs[0]?.name ?? '';
  const cost = measureCost(original, { [input]: [1, channels.length, ...tileShape] });
  const fitting = Math.floor((process.availableMemory() * memoryShare) / cost.peakBytes);
  const tiles = Math.max(leastTiles, volumes, Math.min(mostTiles, fitting));
  // The costs of layers are those of the network's own patch, whatever it is calibrated on.
  return { tileShape, tiles, inputShapes: { [input]: [1, channels.length, ...patch] } };
}
