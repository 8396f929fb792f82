/** Weights or gradients, by name. */
export type Parameters = ReadonlyMap<string, Float32Array>;

/** Changes weights in place by their gradients. Its state is plain arrays, so that a checkpoint can hold it. */
export interface Optimizer {
  readonly step: (weights: Parameters, gradients: Parameters, learningRate: number) => void | Promise<void>;
  readonly state: OptimizerState;
  /** Of what it keeps of a weight of so many numbers. */
  readonly momentLengths: (name: string, length: number) => readonly number[];
}

export interface OptimizerState {
  steps: number;
  /** Of each weight: AdamW's two moments, SGD's velocity, or what `momentLengths` of another says. */
  readonly moments: Map<string, readonly Float32Array[]>;
}

export function emptyState(): OptimizerState {
  return { steps: 0, moments: new Map() };
}

export function momentsOf(
  state: OptimizerState,
  name: string,
  lengths: readonly number[],
): readonly Float32Array[] {
  const known = state.moments.get(name);
  if (known) return known;
  const fresh = lengths.map((length) => new Float32Array(length));
  state.moments.set(name, fresh);
  return fresh;
}

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** AdamW (Loshchilov and Hutter 2019, algorithm 2), as torch.optim.AdamW: the decay is apart from the gradient. */
export function adamW(options: AdamOptions = {}, state: OptimizerState = emptyState()): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  const momentLengths: Optimizer['momentLengths'] = (_name, length) => [length, length];
  const step: Optimizer['step'] = (weights, gradients, learningRate) => {
    state.steps++;
    const correction1 = 1 - beta1 ** state.steps;
    const correction2 = Math.sqrt(1 - beta2 ** state.steps);
    for (const [name, gradient] of gradients) {
      const weight = weights.get(name)!;
      const [first, second] = momentsOf(state, name, momentLengths(name, weight.length)) as [
        Float32Array,
        Float32Array,
      ];
      for (let i = 0; i < weight.length; i++) {
        const g = gradient[i]!;
        const m = (first[i] = beta1 * first[i]! + (1 - beta1) * g);
        const v = (second[i] = beta2 * second[i]! + (1 - beta2) * g * g);
        const update = m / correction1 / (Math.sqrt(v) / correction2 + epsilon);
        weight[i] = weight[i]! * (1 - learningRate * weightDecay) - learningRate * update;
      }
    }
  };
  return { step, state, momentLengths };
}

export interface SgdOptions {
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** SGD with Nesterov's momentum as torch.optim.SGD and nnU-Net have it (0.99, weight decay 3e-5 in the gradient). */
export function nesterovSgd(options: SgdOptions = {}, state: OptimizerState = emptyState()): Optimizer {
  const { momentum = 0.99, weightDecay = 3e-5 } = options;
  const momentLengths: Optimizer['momentLengths'] = (_name, length) => [length];
  const step: Optimizer['step'] = (weights, gradients, learningRate) => {
    const isFirst = state.steps++ === 0;
    for (const [name, gradient] of gradients) {
      const weight = weights.get(name)!;
      const [velocity] = momentsOf(state, name, momentLengths(name, weight.length)) as [Float32Array];
      for (let i = 0; i < weight.length; i++) {
        const g = gradient[i]! + weightDecay * weight[i]!;
        const v = (velocity[i] = isFirst ? g : momentum * velocity[i]! + g);
        weight[i] = weight[i]! - learningRate * (g + momentum * v);
      }
    }
  };
  return { step, state, momentLengths };
}

/** Scales all gradients so that their norm together is at most `largest`; returns the norm that they had. */
export function clipGradients(gradients: Parameters, largest: number): number {
  let squares = 0;
  for (const gradient of gradients.values()) for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  if (norm > largest) {
    const factor = largest / (norm + 1e-6); // as torch.nn.utils.clip_grad_norm_
    for (const gradient of gradients.values()) {
      for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! * factor;
    }
  }
  return norm;
}

/** Moves an average of the weights towards them: average ← decay · average + (1 − decay) · weights. */
export function averageWeights(average: Parameters, weights: Parameters, decay: number): void {
  for (const [name, mean] of average) {
    const weight = weights.get(name)!;
    for (let i = 0; i < mean.length; i++) mean[i] = decay * mean[i]! + (1 - decay) * weight[i]!;
  }
}
