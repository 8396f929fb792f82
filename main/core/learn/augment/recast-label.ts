/** How one label becomes another. */
export interface Recast {
  /** Of patches, where no recast before this one was done. */
  readonly share: number;
  /** Values of the labels. */
  readonly from: number;
  readonly to: number;
  /** In units of the normalised image. */
  readonly towards: number;
  /** Part of the way there. */
  readonly by: number;
}

/**
 * Makes all voxels of one label those of another, in place: where two labels differ by their HU and lie in different places in
 * all that there is to learn from, a network learns the places.
 */
export function recastLabel(
  image: Float32Array,
  labels: Uint8Array,
  { from, to, towards, by }: Recast,
): void {
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== from) continue;
    labels[i] = to;
    image[i] = image[i]! + by * (towards - image[i]!);
  }
}
