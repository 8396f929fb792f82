import { gaussianSmoothed } from '../volume/filter/smooth-volume.ts';
import type { Vec3 } from '../volume/volume.ts';

/**
 * Rule 7: each voxel gets the label whose blurred mask is the largest there; of equal ones the lowest.
 *
 * @param labels [d0, d1, d2], values below `count`
 * @param sigma in voxels
 */
export function smoothedLabels(labels: Uint8Array, shape: Vec3, count: number, sigma: number): Uint8Array {
  const smoothed = new Uint8Array(labels.length);
  const most = new Float32Array(labels.length);
  const mask = new Float32Array(labels.length);
  for (let value = 0; value < count; value++) {
    for (let i = 0; i < labels.length; i++) mask[i] = labels[i] === value ? 1 : 0;
    const share = gaussianSmoothed(mask, shape, sigma);
    for (let i = 0; i < labels.length; i++) {
      if (share[i] <= most[i]) continue;
      most[i] = share[i];
      smoothed[i] = value;
    }
  }
  return smoothed;
}
