import type { Matrix, Multiply } from '../../tensor/matrix-product.ts';
import { symmetricEigen } from '../../tensor/symmetric-eigen.ts';
import type { ChannelRanks } from '../choose-ranks.ts';
import { matrix, orthonormalise, scaleRows, swapInner, transpose } from '../../tensor/matrices.ts';
import type { Moments } from './moments.ts';
import { factorPositive, solvePositive } from './solve-positive.ts';
import { updateReduction } from './update-reduction.ts';

export interface FittedFactors {
  readonly ranks: ChannelRanks;
  /** P, [channels in, rank in], orthonormal. */
  readonly reduce: Matrix;
  /** G, [tapsOut · rank out, tapsIn · rank in], channels fastest. */
  readonly core: Matrix;
  /** U, [channels out, rank out]. */
  readonly expand: Matrix;
  /** E‖S(y − Ŵp)‖² with the ridge, centred, after each time round; falls. */
  readonly losses: readonly number[];
}

const mostRounds = 8;
const tolerance = 1e-4;

/**
 * Reduced-rank regression with Tucker-2 structure: Ŵ = U G (P ⊗ I)ᵀ that minimises E‖S(y − Ŵp)‖² + λ‖S(W − Ŵ)‖².
 * Alternates between U and G, of which both are best for a given P (the leading eigenvectors of what the regression
 * explains), and P, by conjugate gradients on its least squares.
 *
 * @param start P to begin with, [channels in, rank in]; it stays where the rank is that of all channels
 */
export async function fitFactors(
  moments: Moments,
  ranks: ChannelRanks,
  start: Matrix,
  multiply: Multiply,
): Promise<FittedFactors> {
  const scaledCross = scaleRows(moments.cross, moments.scale);
  const losses: number[] = [];
  let reduce = orthonormalise(start);
  for (;;) {
    const { core, basis, explained } = await fitOutput(moments, scaledCross, reduce, ranks.out, multiply);
    const before = losses.at(-1) ?? Infinity;
    losses.push(moments.total - explained);
    const settled = before - moments.total + explained < tolerance * moments.total;
    // With all channels in, there is nothing left to choose.
    const complete = ranks.in === moments.shape.channelsIn;
    if (complete || settled || losses.length === mostRounds) {
      const expand = scaleRows(
        basis,
        moments.scale.map((scale) => 1 / scale),
      );
      return { ranks, reduce, core, expand, losses };
    }
    const targets = await multiply(
      basis,
      swapInner(scaledCross, moments.shape.tapsOut, moments.shape.channelsOut),
      'left',
    );
    reduce = orthonormalise(await updateReduction(moments, { reduce, core, targets }, multiply));
  }
}

interface OutputFit {
  /** G, [tapsOut · rank, tapsIn · rank in]. */
  readonly core: Matrix;
  /** V = S U, [channels out, rank], orthonormal. */
  readonly basis: Matrix;
  readonly explained: number;
}

async function fitOutput(
  { sigma, shape }: Moments,
  scaledCross: Matrix,
  reduce: Matrix,
  rank: number,
  multiply: Multiply,
): Promise<OutputFit> {
  const { tapsOut, channelsOut, tapsIn } = shape;
  const inner = tapsIn * reduce.columns;
  const k = await projectBoth(sigma, reduce, multiply);
  const z = await projectRight(scaledCross, reduce, multiply);
  const b = solvePositive(await factorPositive(k, multiply), z);
  // [channels out, tapsOut · inner]: all taps of one channel side by side.
  const wideB = swapInner(b, tapsOut, channelsOut);
  const explainedBy = await multiply(wideB, swapInner(z, tapsOut, channelsOut), 'right');
  const eigen = symmetricEigen(explainedBy, multiply);
  const explained = eigen.values.subarray(0, rank).reduce((sum, value) => sum + value, 0);
  const basis = await eigen.vectors(0, rank);
  const wideCore = await multiply(basis, wideB, 'left');
  // [rank, tapsOut, inner] to [tapsOut, rank, inner].
  const core = swapInner({ ...wideCore, rows: rank * tapsOut, columns: inner }, rank, tapsOut);
  return { core: matrix(tapsOut * rank, inner, core.data), basis, explained };
}

/** M (I ⊗ P) of M [rows, taps · channels]. */
export async function projectRight(m: Matrix, factor: Matrix, multiply: Multiply): Promise<Matrix> {
  const taps = m.columns / factor.rows;
  const { data } = await multiply(matrix(m.rows * taps, factor.rows, m.data), factor);
  return matrix(m.rows, taps * factor.columns, data);
}

/** (I ⊗ P)ᵀ M (I ⊗ P) of a symmetric M. */
async function projectBoth(m: Matrix, factor: Matrix, multiply: Multiply): Promise<Matrix> {
  const half = await projectRight(m, factor, multiply);
  return projectRight(transpose(half), factor, multiply);
}
