const modulus = 2147483647;

/**
 * Numbers that are the same in every run: Park and Miller's minimal standard generator (CACM 31, 1988) with the multiplier
 * 48271, in integers. The state is one integer, so that a checkpoint can hold it; not for secrets.
 */
export class SeededRandom {
  state: number;

  constructor(seed: number) {
    this.state = seed % modulus || 1;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state * 48271) % modulus;
    return this.state / modulus;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(count * this.next());
  }

  /** Normally distributed, mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
