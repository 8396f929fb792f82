/**
 * Fills an array with normally distributed numbers, mean 0, deviation 1, the same for the same seed: for the millions of them
 * that noise in images takes. Uniform numbers come from a counter through a mixing function of 32 bits (the finaliser of
 * MurmurHash3), in pairs through Box and Muller.
 *
 * @returns the array
 */
export function fillNormal(into: Float32Array, seed: number): Float32Array {
  let counter = seed | 0;
  const uniform = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < into.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    into[i] = radius * Math.cos(angle);
    if (i + 1 < into.length) into[i + 1] = radius * Math.sin(angle);
  }
  return into;
}
