/** Random numbers that are the same in every run and on every machine (mulberry32), uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Nearly normal numbers, mean 0, variance 1: the sum of twelve uniform ones. `Math.log` and `Math.cos` of other
 * algorithms may differ in the last bit between machines; additions do not.
 */
export function seededNormal(seed: number): () => number {
  const uniform = seededRandom(seed);
  return () => {
    let sum = -6;
    for (let term = 0; term < 12; term++) sum += uniform();
    return sum;
  };
}
