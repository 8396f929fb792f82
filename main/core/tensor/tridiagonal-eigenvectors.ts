import { SeededRandom } from '../random/seeded-random.ts';
import { ShiftedFactors } from './shifted-factors.ts';

const epsilon = 2 ** -52;

/**
 * Vectors are made orthogonal to those before them whose eigenvalues are this near, relative to the largest. Inverse
 * iteration alone leaves an inner product of about epsilon over that distance: 1e-12.
 */
const clusterWidth = 1e-4;
/** One solve gives the vector to working accuracy; the second cleans what orthogonalising left over. */
const solves = 2;

/**
 * Orthonormal eigenvectors of a symmetric tridiagonal matrix for the given eigenvalues (sorted), one a row, by inverse
 * iteration (LAPACK dstein: start vectors at random, coinciding eigenvalues nudged apart, clusters orthogonalised).
 */
export function tridiagonalEigenvectors(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  eigenvalues: Float64Array,
): Float64Array {
  const size = diagonal.length;
  const vectors = new Float64Array(eigenvalues.length * size);
  const norm = infinityNorm(diagonal, offDiagonal) || 1;
  // Start vectors are the same in every run.
  const random = new SeededRandom(1);
  const lu = new ShiftedFactors(diagonal, offDiagonal, epsilon * norm);
  const step = Math.sign((eigenvalues.at(-1) ?? 0) - (eigenvalues[0] ?? 0)) || 1;
  let clusterStart = 0;
  let last = NaN;
  for (let k = 0; k < eigenvalues.length; k++) {
    if (k > 0 && Math.abs(eigenvalues[k] - eigenvalues[k - 1]) > clusterWidth * norm) clusterStart = k;
    const nearest = last + step * 10 * epsilon * norm;
    const shift = k > 0 && (eigenvalues[k] - nearest) * step < 0 ? nearest : eigenvalues[k];
    last = shift;
    lu.factor(shift);
    const vector = vectors.subarray(k * size, (k + 1) * size);
    for (let i = 0; i < size; i++) vector[i] = random.between(-1, 1);
    for (let pass = 0; pass < solves; pass++) {
      lu.solve(vector);
      normalise(vector);
      // Twice, because what is left after the first time may be small.
      for (let time = 0; time < 2; time++) {
        for (let j = clusterStart; j < k; j++) removePart(vector, vectors, j * size);
        normalise(vector);
      }
    }
  }
  return vectors;
}

function infinityNorm(diagonal: Float64Array, offDiagonal: Float64Array): number {
  let norm = 0;
  for (let i = 0; i < diagonal.length; i++) {
    const before = i > 0 ? Math.abs(offDiagonal[i - 1]) : 0;
    const after = i + 1 < diagonal.length ? Math.abs(offDiagonal[i]) : 0;
    norm = Math.max(norm, Math.abs(diagonal[i]) + before + after);
  }
  return norm;
}

function normalise(vector: Float64Array): void {
  // By the largest element first: a solve may give numbers whose squares overflow.
  let largest = 0;
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]));
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    vector[i] /= largest;
    sum += vector[i] * vector[i];
  }
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i] *= scale;
}

function removePart(vector: Float64Array, vectors: Float64Array, from: number): void {
  let dot = 0;
  for (let i = 0; i < vector.length; i++) dot += vector[i] * vectors[from + i];
  for (let i = 0; i < vector.length; i++) vector[i] -= dot * vectors[from + i];
}
