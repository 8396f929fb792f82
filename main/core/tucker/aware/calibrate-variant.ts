import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { ReadExternal } from '../../onnx/tensor-data.ts';
import type { Multiply, Matrix } from '../../tensor/matrix-product.ts';
import type { CompressedLayer, Decompose, LayerReport } from '../compress-layer.ts';
import type { Variant } from '../compress-model.ts';
import type { LayerFactors } from '../layer-factors.ts';
import type { Layer, UnsuitableLayer } from '../layer.ts';
import { planLayer } from '../plan-layer.ts';
import { readKernel } from '../read-kernel.ts';
import type { Recipe } from '../recipe.ts';
import { rewriteGraph } from '../rewrite-graph.ts';
import type { CalibrationTile, GraphValues, LoadGraph } from './calibration.ts';
import { segmentModel, type Segment } from './cut-graph.ts';
import { fitLargeLayer } from './fit-large-layer.ts';
import { fitLayer, meanBias, refitKernel } from './fit-layer.ts';
import { gatherMoments, type TileSamples } from './gather-moments.ts';
import { kernelMatrix, kernelWeights } from './layer-kernel.ts';
import { finishMoments } from './moments.ts';
import { advance, feedsOf, floatsOf, tileFeeds, type Observation } from './observe-original.ts';
import { replaceWeights, type WholeWeights } from './replace-weights.ts';

/** Numbers of a patch (channels times taps) up to which its whole covariance is held: 64 channels of a 3×3×3 window. */
export const mostPatchNumbers = 1728;

/**
 * Numbers of a patch after the reduction up to which a larger layer is fitted (`fitLargeLayer`): rank 128 of a 3×3×3
 * window. Above it the plain factors stay: a covariance of more takes minutes and half a GiB.
 */
export const mostReducedNumbers = 3456;

export interface VariantPlan {
  readonly model: OnnxModel;
  readonly found: readonly (Layer | UnsuitableLayer)[];
  /** Those that are fitted, each the start of a segment after the first. */
  readonly layers: readonly Layer[];
  readonly segments: readonly Segment[];
  /** By layer of `layers`, then by tile. */
  readonly observations: readonly (readonly (Observation | null)[])[];
  /** By layer of `found`. */
  readonly plain: readonly CompressedLayer[];
  readonly recipe: Recipe;
  readonly onLayer: () => void;
}

export interface VariantTools {
  readonly tiles: readonly CalibrationTile[];
  readonly load: LoadGraph;
  readonly multiply: Multiply;
  readonly decompose: Decompose;
  readonly readExternal?: ReadExternal;
}

/** What takes the place of layers so far. */
interface Weights {
  readonly factors: Map<Layer, LayerFactors>;
  readonly whole: Map<Layer, WholeWeights>;
}

/** One variant: layer by layer, with the tiles' activations carried along through what is compressed already. */
export async function calibrateVariant(plan: VariantPlan, tools: VariantTools): Promise<Variant> {
  const { model, found, layers, plain, onLayer } = plan;
  const weights: Weights = { factors: new Map(), whole: new Map() };
  const reports = new Map<Layer | UnsuitableLayer, LayerReport>();
  for (const [i, layer] of found.entries()) {
    reports.set(layer, plain[i].report);
    const { factors } = plain[i];
    if (factors && !('reason' in layer)) weights.factors.set(layer, factors);
  }
  let live = tools.tiles.map((tile) => tileFeeds(model, tile));
  live = await runSegment(plan, tools, 0, live, weights);
  for (const [l, layer] of layers.entries()) {
    const report = reports.get(layer);
    if (report) reports.set(layer, await fitOne(plan, tools, l, live, weights, report));
    if (l < layers.length - 1) live = await runSegment(plan, tools, l + 1, live, weights);
    onLayer();
  }
  return {
    model: applyWeights(model, weights),
    layers: found.flatMap((layer) => reports.get(layer) ?? []),
  };
}

function applyWeights(model: OnnxModel, { factors, whole }: Weights): OnnxModel {
  const nodes = new Set(model.graph.nodes);
  const here = <T>(map: ReadonlyMap<Layer, T>) => new Map([...map].filter(([{ node }]) => nodes.has(node)));
  return replaceWeights(rewriteGraph(model, here(factors)), here(whole));
}

async function runSegment(
  { model, segments }: VariantPlan,
  { load }: VariantTools,
  s: number,
  live: GraphValues[],
  weights: Weights,
): Promise<GraphValues[]> {
  const [first] = live;
  if (first === undefined || segments[s].nodes.length === 0) return live;
  const graph = await load(applyWeights(segmentModel(model, segments[s], first), weights));
  try {
    for (let t = 0; t < live.length; t++)
      live[t] = advance(segments, s, live[t], await graph.run(feedsOf(segments[s], live[t])));
    return live;
  } finally {
    await graph.release();
  }
}

/** Fits one layer and notes its weights; leaves the plain ones where it cannot be fitted. */
async function fitOne(
  { observations, layers, recipe }: VariantPlan,
  tools: VariantTools,
  l: number,
  live: readonly GraphValues[],
  weights: Weights,
  report: LayerReport,
): Promise<LayerReport> {
  const layer = layers[l];
  const { channels, shape, rowsAre } = layer;
  const patch = channels.in * (rowsAre === 'out' ? shape.taps : 1);
  const original = readKernel(layer, tools.readExternal);
  if (typeof original === 'string') return report;
  const kernel = kernelMatrix(layer, original.data);
  const samples = tileSamples(layer, observations[l], live);
  const plain = weights.factors.get(layer);
  if (patch > mostPatchNumbers) {
    const ranks = plain?.ranks;
    if (!plain || !ranks || ranks.in * shape.taps > mostReducedNumbers || samples.length === 0) return report;
    const fitted = await fitLargeLayer(layer, kernel, samples, plain, tools);
    weights.factors.set(layer, fitted.factors);
    return { ...report, error: relativeError(kernel, fitted.kernel) };
  }
  const raw = await gatherMoments(samples, tools.multiply);
  if (raw === null) return report;
  const moments = finishMoments(raw, kernel);
  if (plain === undefined) {
    const whole = await refitKernel(moments, tools.multiply);
    weights.whole.set(layer, { weight: kernelWeights(layer, whole), bias: meanBias(moments, whole) });
    return { ...report, error: relativeError(kernel, whole) };
  }
  const fitted = await fitLayer(layer, kernel, moments, planLayer(layer, recipe), plain, tools);
  weights.factors.set(layer, fitted.factors);
  return { ...report, error: relativeError(kernel, fitted.kernel) };
}

function tileSamples(
  layer: Layer,
  observations: readonly (Observation | null)[],
  live: readonly GraphValues[],
): TileSamples[] {
  return observations.flatMap((observation, t) => {
    const input = live[t].get(layer.node.inputs[0] ?? '');
    const image = input && floatsOf(input);
    return observation && image ? [{ ...observation, image }] : [];
  });
}

/** ‖W − Ŵ‖ / ‖W‖. */
function relativeError(kernel: Matrix, other: Matrix): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < kernel.data.length; i++) {
    difference += (kernel.data[i] - other.data[i]) ** 2;
    norm += kernel.data[i] ** 2;
  }
  return norm > 0 ? Math.sqrt(difference / norm) : 0;
}
