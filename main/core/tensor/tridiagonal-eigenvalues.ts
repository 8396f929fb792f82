const epsilon = 2 ** -52;
/** Two or three bring an eigenvalue to working accuracy; EISPACK gives up after 30. */
const mostSweeps = 60;

/**
 * Eigenvalues of a symmetric tridiagonal matrix, descending: implicit QL with Wilkinson's shift, without vectors
 * (EISPACK imtql1; Golub and Van Loan 8.3.3).
 */
export function tridiagonalEigenvalues(diagonal: Float64Array, offDiagonal: Float64Array): Float64Array {
  const size = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = new Float64Array(size);
  e.set(offDiagonal.subarray(0, Math.max(0, size - 1)));
  for (let l = 0; l < size; l++) {
    for (let sweeps = 0; sweeps < mostSweeps; sweeps++) {
      let m = l;
      while (m < size - 1 && Math.abs(e[m]) > epsilon * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      sweep(d, e, l, m);
    }
  }
  return d.sort().reverse();
}

/** One implicit QL sweep over the block from l to m. */
function sweep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  let g = (d[l + 1] - d[l]) / (2 * e[l]);
  let r = Math.sqrt(g * g + 1);
  g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      // Splits here: the rest of the sweep would divide by zero.
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}
