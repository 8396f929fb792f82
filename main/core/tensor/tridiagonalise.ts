/**
 * A symmetric matrix as Q T Qᵀ, with T tridiagonal and Q a product of Householder reflections H₀ H₁ … Hₙ₋₃, where
 * Hₖ = I − τₖ v vᵀ and v is row k of `reflectors` from column k + 1 on.
 */
export interface Tridiagonal {
  readonly size: number;
  readonly diagonal: Float64Array;
  /** Element k stands between k and k + 1. */
  readonly offDiagonal: Float64Array;
  readonly reflectors: Float64Array;
  readonly scales: Float64Array;
}

/**
 * Householder reduction of a symmetric matrix (Golub and Van Loan, "Matrix Computations", 8.3.1). The rank-two update
 * of one step and the matrix-vector product of the next are one pass over the lower triangle, because the pass is
 * bound by memory. `matrix` (size × size, C order, only its lower triangle counts) becomes `reflectors`.
 */
export function tridiagonalise(matrix: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const offDiagonal = new Float64Array(Math.max(0, size - 1));
  const scales = new Float64Array(size);
  let v = new Float64Array(size);
  let w = new Float64Array(size);
  let nextV = new Float64Array(size);
  let nextW = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    // Column k, brought up to date with the step before.
    diagonal[k] = matrix[k * size + k] - 2 * v[k] * w[k];
    for (let i = k + 1; i < size; i++) nextV[i] = matrix[i * size + k] - v[i] * w[k] - w[i] * v[k];
    if (k + 1 < size) {
      const { scale, first } = reflect(nextV, k + 1);
      scales[k] = scale;
      offDiagonal[k] = first;
      updateAndMultiply(matrix, size, k + 1, v, w, nextV, nextW);
      finishProduct(nextV, nextW, k + 1, scale);
      matrix.set(nextV.subarray(k + 1), k * size + k + 1);
    }
    [v, nextV] = [nextV, v];
    [w, nextW] = [nextW, w];
  }
  return { size, diagonal, offDiagonal, reflectors: matrix, scales };
}

/** Turns x (from index `from` on) into v with v₀ = 1, so that (I − scale · v vᵀ) x = (first, 0, 0, …). */
function reflect(x: Float64Array, from: number): { scale: number; first: number } {
  let tail = 0;
  for (let i = from + 1; i < x.length; i++) tail += x[i] * x[i];
  const head = x[from];
  x[from] = 1;
  if (tail === 0) return { scale: 0, first: head };
  const first = head > 0 ? -Math.sqrt(head * head + tail) : Math.sqrt(head * head + tail);
  const inverse = 1 / (head - first);
  for (let i = from + 1; i < x.length; i++) x[i] *= inverse;
  return { scale: (first - head) / first, first };
}

/** A −= v wᵀ + w vᵀ, and product = A · x with the A that results, on the trailing block from `from` on. */
function updateAndMultiply(
  matrix: Float64Array,
  size: number,
  from: number,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  product: Float64Array,
): void {
  product.fill(0, from);
  let i = from;
  // Two rows a time: half the reads and writes of `product`, and two sums that do not wait for each other.
  for (; i + 1 < size; i += 2) {
    const row = i * size;
    const below = row + size;
    const v0 = v[i];
    const w0 = w[i];
    const x0 = x[i];
    const v1 = v[i + 1];
    const w1 = w[i + 1];
    const x1 = x[i + 1];
    let sum0 = 0;
    let sum1 = 0;
    for (let j = from; j < i; j++) {
      const vj = v[j];
      const wj = w[j];
      const xj = x[j];
      const value0 = matrix[row + j] - v0 * wj - w0 * vj;
      const value1 = matrix[below + j] - v1 * wj - w1 * vj;
      matrix[row + j] = value0;
      matrix[below + j] = value1;
      sum0 += value0 * xj;
      sum1 += value1 * xj;
      product[j] += value0 * x0 + value1 * x1;
    }
    const corner0 = matrix[row + i] - 2 * v0 * w0;
    const between = matrix[below + i] - v1 * w0 - w1 * v0;
    const corner1 = matrix[below + i + 1] - 2 * v1 * w1;
    matrix[row + i] = corner0;
    matrix[below + i] = between;
    matrix[below + i + 1] = corner1;
    product[i] += sum0 + corner0 * x0 + between * x1;
    product[i + 1] += sum1 + between * x0 + corner1 * x1;
  }
  if (i < size) {
    const row = i * size;
    let sum = 0;
    for (let j = from; j < i; j++) {
      const value = matrix[row + j] - v[i] * w[j] - w[i] * v[j];
      sum += value * x[j];
      product[j] += value * x[i];
      matrix[row + j] = value;
    }
    matrix[row + i] -= 2 * v[i] * w[i];
    product[i] += sum + matrix[row + i] * x[i];
  }
}

/** w = scale · p − ½ scale² (p · v) v, with p = A v: then H A H = A − v wᵀ − w vᵀ. */
function finishProduct(v: Float64Array, w: Float64Array, from: number, scale: number): void {
  let dot = 0;
  for (let i = from; i < v.length; i++) dot += w[i] * v[i];
  const shift = 0.5 * scale * scale * dot;
  for (let i = from; i < v.length; i++) w[i] = scale * w[i] - shift * v[i];
}
