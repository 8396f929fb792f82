import { SeededRandom } from '../../core/random/seeded-random.ts';

export interface TaughtPatch {
  readonly image: Float32Array;
  readonly taught: Float32Array;
}

export interface TaughtPatchesOptions {
  readonly seed: number;
  /** Steps that one answer serves. */
  readonly uses: number;
  /** Of a patch and its answer, to keep few of large ones. */
  readonly patchBytes: number;
  /** Of the machine: a twentieth of it is for patches. */
  readonly memoryBytes: number;
  /** Draws a patch and asks for its answer; both may be overwritten by the next call. */
  readonly teach: (random: SeededRandom) => Promise<TaughtPatch>;
}

const mostKept = 16;
const keptPart = 0.05;
/** Of fewer the same ones would come again too soon. */
const leastKept = 4;

/**
 * Patches to learn on where answers are dear: each new one comes again among the ones after it, in no order. Patches have numbers
 * and are drawn by these alone, so that a run that goes on from a checkpoint sees what an unbroken one does.
 *
 * @returns what to learn on at a step, given those that were done
 */
export function taughtPatches(
  options: TaughtPatchesOptions,
): (steps: number, random: SeededRandom) => Promise<TaughtPatch> {
  const { seed, patchBytes, memoryBytes, teach } = options;
  const room = Math.min(mostKept, Math.floor((keptPart * memoryBytes) / patchBytes));
  const uses = room < leastKept ? 1 : options.uses;
  const kept = new Map<number, TaughtPatch>();
  const patchOf = async (number: number): Promise<TaughtPatch> => {
    const known = kept.get(number);
    if (known) return known;
    const { image, taught } = await teach(new SeededRandom(seed + number * numbersApart));
    if (uses === 1) return { image, taught };
    const patch = { image: image.slice(), taught: taught.slice() };
    kept.set(number, patch);
    return patch;
  };
  return (steps, random) => {
    const newest = Math.floor(steps / uses);
    for (const number of kept.keys()) if (number <= newest - room) kept.delete(number);
    const isNew = steps % uses === 0;
    return patchOf(isNew ? newest : newest - random.below(Math.min(newest + 1, room)));
  };
}

/** Seeds that follow each other begin with numbers that do, too. */
const numbersApart = 7919;
