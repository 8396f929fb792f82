import type { NodeBuilder } from '../node-builder.ts';
import { diceAndCrossEntropy, oneHot, overScales } from './losses.ts';

export interface SegmentationLoss {
  /** Of each scale, finest first: the name of the logits and their shape [n, classes, z, y, x]. */
  readonly scales: readonly { readonly logits: string; readonly shape: readonly number[] }[];
  /** Float labels [n, 1, z, y, x] of the finest scale. */
  readonly labels: string;
  readonly classWeights: readonly number[] | null;
}

/**
 * Dice and cross-entropy with deep supervision. A coarse voxel's target is the share of each label in it, which flips leave as it
 * is (nnU-Net picks one of its voxels).
 */
export function segmentationLoss(b: NodeBuilder, { scales, labels, classWeights }: SegmentationLoss): string {
  const finest = scales[0]!.shape;
  const axes = finest.length - 2;
  const target = oneHot(b, labels, finest[1]!, axes);
  const losses = scales.map(({ logits, shape }, scale) =>
    diceAndCrossEntropy(b, { logits, shape, target: scale === 0 ? target : shrunk(shape) }, classWeights),
  );
  return overScales(b, losses);

  function shrunk(shape: readonly number[]): string {
    const block = shape.slice(2).map((size, axis) => finest[axis + 2]! / size);
    return b.op('AveragePool', [target], { kernel_shape: block, strides: block });
  }
}
