import { AppFailure } from '../contract/app-error.ts';
import type { CompressedVariant, CompressRequest } from '../contract/compress-request.ts';
import type { FromEngine } from '../contract/engine-protocol.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx } from '../core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import { ranksByFactor } from '../core/tucker/choose-ranks.ts';
import type { Decompose, LayerReport } from '../core/tucker/compress-layer.ts';
import { compressModel, type Variant } from '../core/tucker/compress-model.ts';
import { decomposeWhereMacsFall } from '../core/tucker/decide-layers.ts';
import type { Pool } from './pool.ts';

export interface CompressContext {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: (message: FromEngine) => void;
}

/**
 * The ladder of a model: Tucker-2 of every layer that gets cheaper by it, at each factor (arXiv 2404.09683). Layers are
 * decomposed in the worker threads, once for all factors. Throws AppFailure `model-refused` for a network that cannot be
 * read, `cancelled` when the signal is aborted.
 */
export async function compressNetworks(
  { jobId, networks, inputShape, factors, rankMin }: CompressRequest,
  { pool, signal, send }: CompressContext,
): Promise<CompressedVariant[]> {
  const recipes = factors.map((factor) => ({
    ranks: ranksByFactor(factor, rankMin),
    decide: decomposeWhereMacsFall,
  }));
  const decompose: Decompose = (kernel, ranks) =>
    pool.run({ kernel, ranks }, { name: 'decomposeKernel', signal });
  const folds: { readonly inputShapes: Record<string, readonly number[]>; readonly ladder: Variant[] }[] = [];
  for (const [fold, network] of networks.entries()) {
    folds.push(
      await readable(async () => {
        const model = readOnnx(network);
        const inputShapes = { [model.graph.inputs[0]?.name ?? '']: inputShape };
        const onProgress = (done: number, total: number): void => {
          const progress = { done: fold * total + done, total: networks.length * total, secondsLeft: null };
          send({ type: 'progress', jobId, progress: { stage: 'compress', ...progress } });
        };
        const parallel = pool.options.maxThreads;
        const ladder = await compressModel(model, recipes, { inputShapes, decompose, parallel, onProgress });
        return { inputShapes, ladder };
      }),
    );
  }
  return factors.map((factor, rung) => {
    const costs = folds.map(({ ladder, inputShapes }) => measureCost(ladder[rung].model, inputShapes));
    return {
      factor,
      networks: folds.map(({ ladder }) => writeOnnx(ladder[rung].model)),
      parameters: sum(costs.map(({ parameters }) => parameters)),
      macs: sum(costs.map(({ macs }) => macs)),
      ...summarize(folds.flatMap(({ ladder }) => ladder[rung].layers)),
    };
  });
}

function summarize(
  layers: readonly LayerReport[],
): Pick<CompressedVariant, 'layersDecomposed' | 'layers' | 'largestError'> {
  return {
    layersDecomposed: layers.filter(({ ranks }) => ranks !== null).length,
    layers: layers.length,
    largestError: Math.max(0, ...layers.map(({ error }) => error)),
  };
}

async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    throw new AppFailure({ code: 'model-refused', path: 'the stored network', detail: error.message });
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
