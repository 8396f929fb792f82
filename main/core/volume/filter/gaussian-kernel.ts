/** How far a kernel reaches, in samples: scipy's `gaussian_filter1d`, truncated at 4 sigma. */
export function gaussianRadius(sigma: number): number {
  return Math.trunc(4 * sigma + 0.5);
}

/** Weights of the samples at −radius … radius that sum to 1: scipy's `gaussian_filter1d`. A sigma of 0 keeps the sample. */
export function gaussianKernel(sigma: number): Float64Array {
  const radius = gaussianRadius(sigma);
  const kernel = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let x = -radius; x <= radius; x++) {
    sum += kernel[x + radius] = x === 0 ? 1 : Math.exp((-0.5 / (sigma * sigma)) * x * x);
  }
  for (let i = 0; i < kernel.length; i++) kernel[i] /= sum;
  return kernel;
}
