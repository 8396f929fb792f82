import type { Parameters } from '../../core/learn/optimize/optimizer.ts';
import { meanDice } from '../../core/learn/train/agreement.ts';
import type { Decision } from '../../core/model/segmentation-model.ts';
import { codeCount, decideCodes } from '../../core/segment/5-restore/decide-voxels.ts';
import type { Predictor } from './predictor.ts';

/** A part of an image that is held out, and what is right there. */
export interface JudgedPatch {
  /** [channels, ...patch] */
  readonly image: Float32Array;
  /** Of the model's decision: of the whole patch, or of the voxels of `inside`. */
  readonly codes: Uint8Array;
  /** Indices of the voxels that count; null: all. */
  readonly inside: Uint32Array | null;
}

/**
 * Mean Dice of weights with what is right, on patches that are the same every time: that of each group by itself, and
 * then over the groups, which count alike whatever their sizes. Throws what `predict` does.
 */
export function judgePatches(
  groups: readonly (readonly JudgedPatch[])[],
  decision: Decision,
  predict: Predictor['predict'],
): (weights: Parameters) => Promise<number> {
  return async (weights) => {
    let sum = 0;
    for (const patches of groups) {
      const pairs: [Uint8Array, Uint8Array][] = [];
      for (const { image, codes, inside } of patches) {
        const found = decideCodes(await predict(image, weights), decision);
        pairs.push([codes, inside ? Uint8Array.from(inside, (at) => found[at]!) : found]);
      }
      sum += meanDice(pairs, codeCount(decision));
    }
    return sum / groups.length;
  };
}
