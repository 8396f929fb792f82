/**
 * The label that weighs most around a point, of the eight voxels that it is between (linear one-hot and argmax, as nnU-Net resamples
 * labels). Where two weigh the same, the one of the nearest voxel wins, not the lower one.
 *
 * @param near the labels, the last axis fastest
 * @param weights scratch, eight
 * @param fz fy fx how far the point is from the first voxel, along each axis
 */
export function heaviestLabel(
  near: Uint8Array,
  weights: Float64Array,
  fz: number,
  fy: number,
  fx: number,
): number {
  for (let corner = 0; corner < 8; corner++) {
    weights[corner] = (corner & 4 ? fz : 1 - fz) * (corner & 2 ? fy : 1 - fy) * (corner & 1 ? fx : 1 - fx);
  }
  let best = near[(fz < 0.5 ? 0 : 4) + (fy < 0.5 ? 0 : 2) + (fx < 0.5 ? 0 : 1)]!;
  let most = weightOf(best, near, weights);
  for (let corner = 0; corner < 8; corner++) {
    const label = near[corner]!;
    if (label === best) continue;
    const weight = weightOf(label, near, weights);
    // Sums of the same in another order may differ in the last bit.
    if (weight > most + 1e-12) [best, most] = [label, weight];
  }
  return best;
}

function weightOf(label: number, near: Uint8Array, weights: Float64Array): number {
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) if (near[corner] === label) sum += weights[corner]!;
  return sum;
}
