/** The learning rate at a step, from 0 to `steps`. */
export type Schedule = (step: number) => number;

/** nnU-Net's PolyLRScheduler: rate · (1 − step / steps)^0.9. */
export function polynomial(rate: number, steps: number, exponent = 0.9): Schedule {
  return (step) => rate * Math.max(0, 1 - step / steps) ** exponent;
}

/** Half a cosine from `rate` to 0 (Loshchilov and Hutter 2017). */
export function cosine(rate: number, steps: number): Schedule {
  return (step) => (rate * (1 + Math.cos(Math.PI * Math.min(1, step / steps)))) / 2;
}

/** Part of the rate that the first steps are made with: it rises evenly over `warmup` of them. */
export function warmUp(step: number, warmup: number): number {
  return Math.min(1, (step + 1) / warmup);
}

/**
 * Part of the rate for weights that agree so far with what they learn from, as mean Dice: steps that bring one that knows little on lose what
 * another knows.
 */
export function leftToLearn(agreement: number): number {
  return Math.min(1, 2 * (1 - agreement));
}
