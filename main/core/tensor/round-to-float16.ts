const bits = new Float32Array(1);
const raw = new Uint32Array(bits.buffer);

/**
 * The nearest IEEE binary16 value of a float32 below 65520 in size, halves to even, subnormals kept. (`Math.f16round`
 * is not in every runtime this code is for.)
 */
export function roundToFloat16(value: number): number {
  bits[0] = value;
  const exponent = ((raw[0] >>> 23) & 0xff) - 127;
  // 10 fraction bits for normal numbers; below 2^-14 the spacing stays 2^-24.
  const unit = 2 ** (Math.max(exponent, -14) - 10);
  const scaled = value / unit;
  // Adding and taking away 1.5·2^52 leaves the nearest integer, halves to even (IEEE 754 default rounding).
  const shift = 1.5 * 2 ** 52;
  return (scaled + shift - shift) * unit;
}
