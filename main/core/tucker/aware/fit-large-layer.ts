import type { Matrix } from '../../tensor/matrix-product.ts';
import type { LayerFactors } from '../layer-factors.ts';
import type { Layer } from '../layer.ts';
import { fitFactors, projectRight } from './fit-factors.ts';
import { identity, meanBias, startReduction, type FitTools, type FittedLayer } from './fit-layer.ts';
import { gatherMoments, type TileSamples } from './gather-moments.ts';
import { composeKernel, factorMatrices, factorsOf } from './layer-kernel.ts';
import { matrix, orthonormalise } from '../../tensor/matrices.ts';
import { finishMoments } from './moments.ts';

/**
 * For a layer whose patches are too many numbers for one covariance: P comes from the covariance of the channels of one
 * voxel alone, or from the plain factors, and core and expansion are fitted to the patches after that reduction, which
 * is exact for that P. The better of the two is taken; the second can only be better than the plain factors, because
 * these are among what it is chosen from (but for the ridge).
 *
 * @param kernel W, as `kernelMatrix` orders it
 * @param tiles not empty
 */
export async function fitLargeLayer(
  layer: Layer,
  kernel: Matrix,
  tiles: readonly TileSamples[],
  plain: LayerFactors,
  tools: FitTools,
): Promise<FittedLayer> {
  const { multiply } = tools;
  const { ranks } = plain;
  const plainReduce = orthonormalise(factorMatrices(layer, plain).reduce);
  const whitened = await whitenedReduction(layer, kernel, tiles, plain, tools);
  const fits: FittedLayer[] = [];
  for (const reduce of whitened ? [whitened, plainReduce] : [plainReduce]) {
    const raw = await gatherMoments(tiles, multiply, reduce);
    if (raw === null) throw new RangeError(`no samples of ${layer.name}`);
    const moments = finishMoments(raw, await projectRight(kernel, reduce, multiply));
    const fitted = await fitFactors(moments, ranks, identity(ranks.in), multiply);
    const inner = await composeKernel(fitted, moments.shape.tapsOut, multiply);
    const bias = meanBias(moments, inner);
    const whole = { ...fitted, reduce };
    fits.push({
      factors: factorsOf(layer, whole, plain.core !== null, bias),
      kernel: await composeKernel(whole, moments.shape.tapsOut, multiply),
      loss: fitted.losses.at(-1) ?? Infinity,
      isPlain: false,
    });
  }
  return fits.reduce((best, each) => (each.loss < best.loss ? each : best));
}

/** Null where the samples have no covariance to take from. */
async function whitenedReduction(
  layer: Layer,
  kernel: Matrix,
  tiles: readonly TileSamples[],
  { ranks }: LayerFactors,
  tools: FitTools,
): Promise<Matrix | null> {
  const raw = await gatherMoments(tiles.map(centreTap), tools.multiply);
  if (raw === null) return null;
  const { rows, columns } = raw.crossProducts;
  const { sigma, scale } = finishMoments(raw, matrix(rows, columns, new Float64Array(rows * columns)));
  return orthonormalise(await startReduction(layer, kernel, scale, sigma, ranks, tools));
}

/** The same samples, with the middle of the window as all that is read. */
function centreTap(tile: TileSamples): TileSamples {
  const { window } = tile;
  const { reads } = window;
  const pads = reads.pads.map((pad, a) => pad - Math.floor((reads.window[a] - 1) / 2) * reads.dilations[a]);
  return {
    ...tile,
    window: {
      ...window,
      shape: { ...window.shape, tapsIn: 1 },
      reads: { ...reads, window: [1, 1, 1], pads: pads as unknown as typeof reads.pads },
    },
  };
}
