import { roundToFloat16 } from '../../tensor/round-to-float16.ts';
import { gaussianKernel } from '../../volume/filter/gaussian-kernel.ts';
import { voxelCount, type Vec3 } from '../../volume/volume.ts';

const sigmaScale = 1 / 8;
const peak = 10;

/**
 * Weight of every voxel of a tile, [p0, p1, p2]: nnU-Net's `compute_gaussian(patch, 1/8, 10)`. As in its predictor
 * the values are those of float16, zeros replaced by the smallest nonzero one: near the border of the volume,
 * where few tiles overlap, that rounding decides the result.
 */
export function gaussianMap(patch: Vec3): Float32Array {
  const [k0, k1, k2] = patch.map(gaussianProfile) as [Float64Array, Float64Array, Float64Array];
  const max = Math.max(...k0) * Math.max(...k1) * Math.max(...k2);
  const map = new Float32Array(voxelCount(patch));
  let smallest = Infinity;
  let at = 0;
  for (const w0 of k0) {
    for (const w1 of k1) {
      const w01 = w0 * w1;
      for (const w2 of k2) {
        const weight = roundToFloat16(Math.fround((w01 * w2) / (max / peak)));
        if (weight > 0 && weight < smallest) smallest = weight;
        map[at++] = weight;
      }
    }
  }
  for (let i = 0; i < map.length; i++) if (map[i] === 0) map[i] = smallest;
  return map;
}

/** scipy's `gaussian_filter1d` of a single 1 at size // 2. */
function gaussianProfile(size: number): Float64Array {
  const kernel = gaussianKernel(size * sigmaScale);
  const shift = (kernel.length - 1) / 2 - Math.floor(size / 2);
  return Float64Array.from({ length: size }, (_, i) => kernel[i + shift] ?? 0);
}
