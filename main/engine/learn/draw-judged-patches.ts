import { SeededRandom } from '../../core/random/seeded-random.ts';
import type { JudgedPatch } from './judge-patches.ts';
import type { Lesson } from './lesson.ts';
import { drawCrop, type PatchSource } from './patch-sampler.ts';

const judgedPatches = 8;

/**
 * Patches to judge by, half of them around labels. Throws what `codesOf` does.
 *
 * @param source its crops are what the network sees
 * @param inside the voxels of a crop that count; null: all
 */
export async function drawJudgedPatches(
  source: PatchSource,
  seed: number,
  inside: Uint32Array | null,
  codesOf: Lesson['codesOf'],
): Promise<readonly JudgedPatch[]> {
  const random = new SeededRandom(seed);
  const patches: JudgedPatch[] = [];
  for (let each = 0; each < judgedPatches; each++) {
    const patch = drawCrop(source, random);
    const codes = await codesOf(patch);
    patches.push({
      image: patch.image,
      codes: inside ? Uint8Array.from(inside, (at) => codes[at]!) : codes,
      inside,
    });
  }
  return patches;
}
