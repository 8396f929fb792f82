import { SeededRandom } from '../../core/random/seeded-random.ts';
import type { JudgedPatch } from './judge-patches.ts';
import type { Lesson } from './lesson.ts';
import { drawCrop, type PatchSource } from './patch-sampler.ts';

const judgedPatches = 8;

/**
 * Patches to judge by, half of them around labels. Throws what `codesOf` does.
 *
 * @param source without surroundings
 */
export async function drawJudgedPatches(
  source: PatchSource,
  seed: number,
  codesOf: Lesson['codesOf'],
): Promise<readonly JudgedPatch[]> {
  const random = new SeededRandom(seed);
  const patches: JudgedPatch[] = [];
  for (let each = 0; each < judgedPatches; each++) {
    const patch = drawCrop(source, random);
    patches.push({ image: patch.image, codes: await codesOf(patch), inside: null });
  }
  return patches;
}
