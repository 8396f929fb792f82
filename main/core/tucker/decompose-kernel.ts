import { multiplyMatrices, type Multiply } from '../tensor/matrix-product.ts';
import type { SymmetricEigen } from '../tensor/symmetric-eigen.ts';
import type { Kernel, KernelShape, ModeRanks, TuckerKernel } from './kernel.ts';
import { UnfoldedKernel } from './unfolded-kernel.ts';

// TensorLy's stopping rule, which the paper's results rest on.
const tolerance = 1e-4;
const mostIterations = 100;
const leastIterations = 3;

/**
 * Tucker-2 of a kernel on its two channel axes at each of the given ranks, by higher-order orthogonal iteration
 * started from the singular vectors of the unfoldings, as TensorLy's `partial_tucker(modes=(0, 1), init='svd',
 * tol=1e-4, n_iter_max=100)` (arXiv 2404.09683, "Tucker decomposition"). In double precision, by Gram matrices: of
 * an unfolding only the leading singular vectors are wanted, and these are eigenvectors of a matrix no larger than
 * the channels. For one tap it is the truncated singular value decomposition.
 *
 * A pure function of its arguments, so that layers can be shared out over threads; all ranks of one kernel share its
 * Gram matrices. Throws RangeError for ranks outside the kernel's axes.
 */
export async function decomposeKernel(
  kernel: Kernel,
  ranks: readonly ModeRanks[],
  multiply: Multiply = multiplyMatrices,
): Promise<TuckerKernel[]> {
  for (const each of ranks) checkRanks(kernel.shape, each);
  const unfolded = new UnfoldedKernel(kernel, multiply);
  // HOOI renews the row factor first, so that it starts from the column factor alone.
  const start = await unfolded.eigen('columns');
  const results: TuckerKernel[] = [];
  for (const each of ranks) results.push(await iterate(unfolded, start, each));
  return results;
}

function checkRanks({ rows, columns }: KernelShape, ranks: ModeRanks): void {
  const within = (rank: number, size: number) => Number.isInteger(rank) && rank >= 1 && rank <= size;
  if (!within(ranks.rows, rows) || !within(ranks.columns, columns))
    throw new RangeError(`ranks ${ranks.rows} and ${ranks.columns} for ${rows} × ${columns} channels`);
}

async function iterate(
  unfolded: UnfoldedKernel,
  start: SymmetricEigen,
  ranks: ModeRanks,
): Promise<TuckerKernel> {
  const squaredNorm = sum(start.values);
  let columnSpace = start;
  let error = Infinity;
  for (let iteration = 1; ; iteration++) {
    const rowSpace = await unfolded.projectedEigen('rows', columnSpace, ranks.columns);
    columnSpace = await unfolded.projectedEigen('columns', rowSpace, ranks.rows);
    const before = error;
    error = relativeError(squaredNorm, columnSpace.values, ranks.columns);
    const settled = iteration >= leastIterations && Math.abs(before - error) < tolerance;
    if (!settled && iteration < mostIterations) continue;
    const rowFactor = await rowSpace.vectors(0, ranks.rows);
    const columnFactor = await columnSpace.vectors(0, ranks.columns);
    return {
      ranks,
      rowFactor: Float32Array.from(rowFactor.data),
      columnFactor: Float32Array.from(columnFactor.data),
      core: asWeights(await unfolded.core(rowFactor, columnFactor), ranks, unfolded.shape.taps),
      error,
    };
  }
}

/** The factors are orthonormal: what the core holds of the squared norm is what the leading eigenvalues hold. */
function relativeError(squaredNorm: number, eigenvalues: Float64Array, rank: number): number {
  if (!(squaredNorm > 0)) return 0;
  return Math.sqrt(Math.max(0, squaredNorm - sum(eigenvalues.subarray(0, rank))) / squaredNorm);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** [rank, taps, rank], as the products leave it, to [rank, rank, taps], as weights lie. */
function asWeights(core: Float64Array, { rows, columns }: ModeRanks, taps: number): Float32Array {
  const weights = new Float32Array(core.length);
  for (let i = 0, from = 0; i < rows; i++)
    for (let k = 0; k < taps; k++)
      for (let j = 0; j < columns; j++) weights[(i * columns + j) * taps + k] = core[from++];
  return weights;
}
