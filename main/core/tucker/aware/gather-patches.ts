import type { Reach, Space } from './layer-window.ts';

/**
 * Patches of an image as columns: `into[(k · channels + c) · stride + i]` is channel c at tap k of sample i; 0 outside
 * the image, which is the padding of a convolution.
 *
 * @param image [channels, …space]
 * @param samples indices into `sampleSpace`
 * @param into at least taps · channels · `stride` numbers, of which `samples.length` are written in each row
 */
export function gatherPatches(
  image: Float32Array,
  channels: number,
  space: Space,
  { window, strides, dilations, pads }: Reach,
  samples: Int32Array,
  sampleSpace: Space,
  into: Float64Array | Float32Array,
  stride: number,
): void {
  const [n0, n1, n2] = space;
  const voxels = n0 * n1 * n2;
  const count = samples.length;
  const [, s1, s2] = sampleSpace;
  const offsets = new Int32Array(count);
  let row = 0;
  for (let k0 = 0; k0 < window[0]; k0++)
    for (let k1 = 0; k1 < window[1]; k1++)
      for (let k2 = 0; k2 < window[2]; k2++) {
        for (let i = 0; i < count; i++) {
          const sample = samples[i];
          const z = Math.floor(sample / (s1 * s2)) * strides[0] - pads[0] + k0 * dilations[0];
          const y = (Math.floor(sample / s2) % s1) * strides[1] - pads[1] + k1 * dilations[1];
          const x = (sample % s2) * strides[2] - pads[2] + k2 * dilations[2];
          const inside = z >= 0 && z < n0 && y >= 0 && y < n1 && x >= 0 && x < n2;
          offsets[i] = inside ? (z * n1 + y) * n2 + x : -1;
        }
        for (let c = 0; c < channels; c++, row++) {
          const from = c * voxels;
          const to = row * stride;
          for (let i = 0; i < count; i++) {
            const offset = offsets[i];
            into[to + i] = offset < 0 ? 0 : image[from + offset];
          }
        }
      }
}
