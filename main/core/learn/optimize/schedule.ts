/** The learning rate at a step, from 0 to `steps`. */
export type Schedule = (step: number) => number;

/** nnU-Net's PolyLRScheduler: rate · (1 − step / steps)^0.9. */
export function polynomial(rate: number, steps: number, exponent = 0.9): Schedule {
  return (step) => rate * Math.max(0, 1 - step / steps) ** exponent;
}

/** Half a cosine from `rate` to 0, after `warmup` steps in which it rises evenly (Loshchilov and Hutter 2017). */
export function cosine(rate: number, steps: number, warmup = 0): Schedule {
  return (step) => {
    if (step < warmup) return (rate * (step + 1)) / warmup;
    const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
    return (rate * (1 + Math.cos(Math.PI * done))) / 2;
  };
}
