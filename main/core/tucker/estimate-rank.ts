/**
 * Rank of a matrix of low rank under Gaussian noise of unknown strength, by the analytic solution of empirical
 * variational Bayesian matrix factorisation (Nakajima, Sugiyama, Babacan, Tomioka: "Global analytic solution of
 * fully-observed variational Bayesian matrix factorization", JMLR 14, 2013; with the noise estimate and the
 * constant of "Condition for perfect dimensionality recovery by variational Bayesian PCA", JMLR 16, 2015). The rule
 * that Kim et al. (ICLR 2016) choose the ranks of Tucker-2 with. 0 where nothing stands out of the noise; never the full
 * rank, since some of the matrix has to be the noise that the rest is judged by.
 *
 * @param squares squared singular values, descending: as many as the shorter side has
 * @param longer the other side
 */
export function estimateRank(squares: Float64Array, longer: number): number {
  const total = squares.reduce((sum, square) => sum + square, 0);
  if (!(total > 0)) return 0;
  const alpha = squares.length / longer;
  const tau = tauPerRootAlpha * Math.sqrt(alpha);
  const bound = (1 + tau) * (1 + alpha / tau);
  const variance = noiseVariance(squares, total, longer, bound);
  return squares.filter((square) => square > longer * variance * bound).length;
}

/** The zero of the function that decides whether a component is kept, as a multiple of √α (to 4 figures). */
const tauPerRootAlpha = 2.5129;

/** Steps of the search on a logarithmic scale, and then of the golden section between two of them. */
const coarseSteps = 200;
const fineSteps = 60;

/** The variance at which the free energy is least. */
function noiseVariance(squares: Float64Array, total: number, longer: number, bound: number): number {
  const shorter = squares.length;
  const alpha = shorter / longer;
  // At most so many components can stand out; what comes after is noise, so that it bounds the variance from below.
  const most = Math.max(0, Math.ceil(shorter / (1 + alpha)) - 1);
  const rest = squares.subarray(most);
  const mean = rest.reduce((sum, square) => sum + square, 0) / rest.length;
  const upper = total / (shorter * longer);
  // A matrix without any noise has a lower bound of zero.
  const lower = Math.max(rest[0] / (longer * bound), mean / longer, upper * 1e-12);
  if (lower >= upper) return upper;
  const energy = (logVariance: number) => freeEnergy(squares, Math.exp(logVariance), longer, bound);
  const [from, to] = [Math.log(lower), Math.log(upper)];
  const step = (to - from) / coarseSteps;
  let best = 0;
  for (let i = 1; i <= coarseSteps; i++) if (energy(from + i * step) < energy(from + best * step)) best = i;
  const at = from + best * step;
  return Math.exp(goldenSection(energy, Math.max(from, at - step), Math.min(to, at + step)));
}

/** Up to a factor, and to terms that do not depend on the variance. */
function freeEnergy(squares: Float64Array, variance: number, longer: number, bound: number): number {
  const alpha = squares.length / longer;
  let energy = squares.length * Math.log(variance);
  for (const square of squares) {
    const x = square / (longer * variance);
    energy += x;
    if (x <= bound) continue;
    const shifted = x - (1 + alpha);
    const tau = 0.5 * (shifted + Math.sqrt(shifted * shifted - 4 * alpha));
    energy += Math.log(tau + 1) + alpha * Math.log(tau / alpha + 1) - tau;
  }
  return energy;
}

function goldenSection(value: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [from, to];
  for (let i = 0; i < fineSteps; i++) {
    const c = b - ratio * (b - a);
    const d = a + ratio * (b - a);
    if (value(c) < value(d)) b = d;
    else a = c;
  }
  return (a + b) / 2;
}
