import type { Matrix, Multiply } from '../../tensor/matrix-product.ts';
import { matrix, swapInner, transpose } from '../../tensor/matrices.ts';
import type { Moments } from './moments.ts';
import { factorPositive, solvePositive } from './solve-positive.ts';

const mostSteps = 30;
const tolerance = 1e-6;

export interface ReductionProblem {
  /** P so far, [channels in, rank in]. */
  readonly reduce: Matrix;
  /** G, [tapsOut · rank out, tapsIn · rank in]. */
  readonly core: Matrix;
  /** Vᵀ S Y, [rank out, tapsOut · tapsIn · channels in]. */
  readonly targets: Matrix;
}

/**
 * P that minimises E‖Vᵀ S y − G (P ⊗ I)ᵀ p‖² for a given G: its normal equations Σₖₗ Σₖₗ P GₗᵀGₖ = Σₖ Yₖᵀ Gₖ, by
 * conjugate gradients from the P at hand, so that it never gets worse. Preconditioned by what they would be if the taps
 * of the window did not correlate, C P Σₖ GₖᵀGₖ.
 */
export async function updateReduction(
  { sigma, shape }: Moments,
  { reduce, core, targets }: ReductionProblem,
  multiply: Multiply,
): Promise<Matrix> {
  const { tapsIn, tapsOut, channelsIn } = shape;
  const rankIn = reduce.columns;
  const rankOut = core.rows / tapsOut;
  // [tapsOut · rank out · tapsIn, rank in]: G's rows, tap by tap.
  const taps = matrix(core.rows * tapsIn, rankIn, core.data);

  /** Σₖ Rₖ Gₖ of R [tapsIn · channels in, tapsOut · rank out]. */
  const gather = async (r: Matrix): Promise<Matrix> => {
    const turned = transpose(r);
    return transpose(await multiply(taps, matrix(turned.rows * tapsIn, channelsIn, turned.data), 'left'));
  };
  const normal = async (p: Matrix): Promise<Matrix> => {
    // The whole kernel without its expansion, [tapsOut · rank out, tapsIn · channels in].
    const { data } = await multiply(taps, p, 'right');
    const kernel = matrix(core.rows, tapsIn * channelsIn, data);
    return gather(await multiply(sigma, kernel, 'right'));
  };

  const wanted = swapInner(
    { ...targets, rows: rankOut * tapsOut, columns: tapsIn * channelsIn },
    rankOut,
    tapsOut,
  );
  const right = await gather(transpose(matrix(core.rows, tapsIn * channelsIn, wanted.data)));
  const left = await factorPositive(channelCovariance(sigma, channelsIn, tapsIn), multiply);
  const outer = await factorPositive(await multiply(taps, taps, 'left'), multiply);
  const precondition = (r: Matrix): Matrix =>
    solvePositive(outer, transpose(solvePositive(left, transpose(r))));
  return conjugateGradients(normal, precondition, right, reduce);
}

/** Σ of one voxel, summed over the taps of the window: [channels, channels]. */
export function channelCovariance(sigma: Matrix, channels: number, taps: number): Matrix {
  const data = new Float64Array(channels * channels);
  for (let k = 0; k < taps; k++)
    for (let i = 0; i < channels; i++) {
      const from = (k * channels + i) * sigma.columns + k * channels;
      for (let j = 0; j < channels; j++) data[i * channels + j] += sigma.data[from + j] / taps;
    }
  return matrix(channels, channels, data);
}

async function conjugateGradients(
  apply: (p: Matrix) => Promise<Matrix>,
  precondition: (r: Matrix) => Matrix,
  right: Matrix,
  start: Matrix,
): Promise<Matrix> {
  const x = start.data.slice();
  const at = (data: Float64Array): Matrix => ({ ...start, data });
  const first = (await apply(start)).data;
  const r = right.data.map((value, i) => value - first[i]);
  let z = precondition(at(r)).data;
  const d = z.slice();
  let energy = dot(r, z);
  const enough = energy * tolerance ** 2;
  for (let step = 0; step < mostSteps && energy > enough && energy > 0; step++) {
    const image = (await apply(at(d))).data;
    const curvature = dot(d, image);
    if (!(curvature > 0)) break;
    const length = energy / curvature;
    for (let i = 0; i < x.length; i++) {
      x[i] += length * d[i];
      r[i] -= length * image[i];
    }
    z = precondition(at(r)).data;
    const next = dot(r, z);
    for (let i = 0; i < d.length; i++) d[i] = z[i] + (next / energy) * d[i];
    energy = next;
  }
  return at(x);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
