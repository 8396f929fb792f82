import { createMultiply } from '../../native/onnxruntime/create-multiply.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { CompressedVariant, CompressRequest } from '../contract/compress-request.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import { toFloat16 } from '../core/onnx/precision/to-float16.ts';
import { BudgetError } from '../core/tucker/allocate/budget.ts';
import type { LayerReport } from '../core/tucker/compress-layer.ts';
import { compressModel, type Variant } from '../core/tucker/compress-model.ts';
import { mergeLinear } from '../core/tucker/fold/fold-graph.ts';
import type { Recipe } from '../core/tucker/recipe.ts';
import { compressAwareNetworks } from './compress-aware.ts';
import { decomposeInPool } from './decompose-in-pool.ts';
import { planRecipes } from './plan-recipes.ts';
import type { Pool } from './pool.ts';
import type { Send } from './port.ts';

export interface CompressContext {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: Send;
}

type Report = (done: number, total: number) => void;

/**
 * The ladder of a model, rung by rung. All folds get the ranks of the first. Throws AppFailure `model-refused` for a
 * network that cannot be read or a budget that no ranks meet, `cancelled` when the signal is aborted.
 */
export async function compressNetworks(
  request: CompressRequest,
  context: CompressContext,
): Promise<CompressedVariant[]> {
  const { jobId, networks, rungs, precision, threads } = request;
  const report: Report = (done, total) => {
    const progress = { stage: 'compress', done, total, secondsLeft: null } as const;
    context.send({ type: 'progress', jobId, progress });
  };
  return readable(async () => {
    const inputShapesOf = shapesFor(request);
    const first = readOnnx(networks[0]);
    const native = await createMultiply(threads);
    let recipes: Recipe[];
    try {
      recipes = await planRecipes(first, rungs, request.layers, {
        model: request.model,
        inputShapes: inputShapesOf(first),
        multiply: native.multiply,
        threads,
        signal: context.signal,
      });
    } finally {
      await native.release();
    }
    const folds = await (request.method === 'aware' ? fitToImages : decomposeWeights)(
      request,
      recipes,
      context,
      report,
    );
    return rungs.map((rung, r) => {
      const variants = folds.map((ladder) => ladder[r]);
      const models = variants.map(({ model }) =>
        precision === 'fp16' ? toFloat16(mergeLinear(model, inputShapesOf(model))) : model,
      );
      const costs = variants.map(({ model }) => measureCost(model, inputShapesOf(model)));
      return {
        rung,
        networks: models.map(writeOnnx),
        parameters: sum(costs.map(({ parameters }) => parameters)),
        macs: sum(costs.map(({ macs }) => macs)),
        ...summarize(variants.flatMap(({ layers }) => layers)),
      };
    });
  });
}

/** Tucker-2 by HOOI (arXiv 2404.09683), in the worker threads, once for all rungs. */
async function decomposeWeights(
  request: CompressRequest,
  recipes: readonly Recipe[],
  { pool, signal }: CompressContext,
  report: Report,
): Promise<Variant[][]> {
  const { networks } = request;
  const { decompose, settle } = decomposeInPool(pool, signal);
  const folds: Variant[][] = [];
  try {
    for (const [fold, network] of networks.entries()) {
      const model = readOnnx(network);
      const ladder = await compressModel(model, recipes, {
        inputShapes: shapesFor(request)(model),
        decompose,
        parallel: pool.options.maxThreads,
        onProgress: (done, total) => report(fold * total + done, networks.length * total),
      });
      folds.push(ladder);
    }
    return folds;
  } finally {
    await settle();
  }
}

function fitToImages(
  { networks, model, calibration, threads }: CompressRequest,
  recipes: readonly Recipe[],
  { pool, signal }: CompressContext,
  onProgress: Report,
): Promise<Variant[][]> {
  const order = { networks, model, volumes: calibration, recipes, threads };
  return compressAwareNetworks(order, { pool, signal, onProgress });
}

function shapesFor({ model: { channels, patch } }: CompressRequest) {
  return ({ graph }: OnnxModel) => ({ [graph.inputs[0]?.name ?? '']: [1, channels.length, ...patch] });
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
    if (error instanceof BudgetError) throw new AppFailure({ code: 'usage', detail: `${error.message}.` });
    if (!(error instanceof OnnxFormatError)) throw error;
    throw new AppFailure({ code: 'model-refused', path: 'the stored network', detail: error.message });
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
