import { meanDice } from '../../core/learn/train/agreement.ts';
import type { Parameters } from '../../core/learn/optimize/optimizer.ts';
import type { Decision } from '../../core/model/segmentation-model.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import { codeCount, decideCodes } from '../../core/segment/5-restore/decide-voxels.ts';
import type { Lesson } from './lesson.ts';
import { drawCrop, type PatchSource } from './patch-sampler.ts';

const judgedPatches = 8;

/** What the network gives with these weights, on a patch. */
type Predict = (patch: Float32Array, weights: Parameters) => Promise<Float32Array>;

/** Mean Dice with what is right, on patches that are the same every time. `source`: without surroundings. */
export async function judgeOnPatches(
  source: PatchSource,
  seed: number,
  decision: Decision,
  codesOf: Lesson['codesOf'],
  predict: Predict,
): Promise<(weights: Parameters) => Promise<number>> {
  const random = new SeededRandom(seed);
  const patches: { readonly image: Float32Array; readonly codes: Uint8Array }[] = [];
  for (let each = 0; each < judgedPatches; each++) {
    const patch = drawCrop(source, random);
    patches.push({ image: patch.image, codes: await codesOf(patch) });
  }
  return async (weights) => {
    const pairs: [Uint8Array, Uint8Array][] = [];
    for (const { image, codes } of patches) {
      pairs.push([codes, decideCodes(await predict(image, weights), decision)]);
    }
    return meanDice(pairs, codeCount(decision));
  };
}
