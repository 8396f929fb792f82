import { unzlibSync } from 'fflate';

/** Stands for a voxel whose two best classes lie too close together to hold a device to one of them. */
export const tooClose = 255;

/**
 * Smallest difference between the best logit and the next; the logits' standard deviation is 0.6. Rounding weights and
 * image to the 10-bit mantissa of TF32, which CUDA may multiply in, moves a logit by 0.003 at most.
 */
export const smallestMargin = 0.05;

/** Labels to hold other devices to, from the CPU's logits [class, voxel]. */
export function answerLabels(logits: Float32Array, classes: number): Uint8Array {
  const voxels = logits.length / classes;
  const labels = new Uint8Array(voxels);
  for (let i = 0; i < voxels; i++) {
    let label = 0;
    let best = -Infinity;
    let next = -Infinity;
    for (let c = 0; c < classes; c++) {
      const value = logits[c * voxels + i];
      if (value > best) {
        next = best;
        best = value;
        label = c;
      } else if (value > next) next = value;
    }
    labels[i] = best - next < smallestMargin ? tooClose : label;
  }
  return labels;
}

/** Labels from the text that stands in the source: base64 of zlib. */
export function decodeLabels(text: string): Uint8Array {
  return unzlibSync(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}
