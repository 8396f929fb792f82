import { matrix, transpose } from '../../tensor/matrices.ts';
import { multiplyMatrices, type Matrix, type Multiply } from '../../tensor/matrix-product.ts';
import { symmetricEigen } from '../../tensor/symmetric-eigen.ts';
import type { Weight } from '../train/learnable-weights.ts';
import { emptyState, momentsOf, type Optimizer, type OptimizerState } from './optimizer.ts';

export interface SoapOptions {
  /** What is learnt, by name. */
  readonly weights: ReadonlyMap<string, Pick<Weight, 'dims'>>;
  readonly multiply?: Multiply;
  readonly beta1?: number;
  /** Of the squares, and of what the bases come from. */
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** Modes that are longer are not turned: bases take time with the cube of it. */
const longestTurned = 512;

/**
 * SOAP (Vyas et al. 2024): Adam in the bases in which Shampoo (Gupta et al. 2018) finds the gradients of a weight to be least
 * correlated, one basis for each mode [out, in, taps]. It makes as much of a step as AdamW of several, which pays where
 * steps are dear and weights few, as the factors of a decomposition are.
 *
 * Unlike the paper's, the bases are exact and new at each step, so that they need not be kept: the state is that of Adam and a
 * covariance a mode. The squares stay with an eigenvalue's place in their order; those of the first step, which is Adam's, are in no basis.
 */
export function soap(
  { weights: learnt, multiply = multiplyMatrices, ...options }: SoapOptions,
  state: OptimizerState = emptyState(),
): Optimizer {
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.01 } = options;
  const modesOf = (name: string): readonly number[] => weightModes(learnt.get(name)!.dims);
  const momentLengths: Optimizer['momentLengths'] = (name, length) => [
    length,
    length,
    ...modesOf(name).map((size) => (isTurned(size) ? size * size : 0)),
  ];
  const step: Optimizer['step'] = async (weights, gradients, learningRate) => {
    state.steps++;
    const correction1 = 1 - beta1 ** state.steps;
    const correction2 = Math.sqrt(1 - beta2 ** state.steps);
    // The first gradients count alike, as if there had been no zero before them.
    const kept = Math.min(beta2, (state.steps - 1) / state.steps);
    for (const [name, gradient] of gradients) {
      const weight = weights.get(name)!;
      const modes = modesOf(name);
      const moments = momentsOf(state, name, momentLengths(name, weight.length));
      const [first, second, ...covariances] = moments as [Float32Array, Float32Array, ...Float32Array[]];
      const bases: (Matrix | null)[] = [];
      for (const [mode, size] of modes.entries()) bases.push(await basisOf(covariances[mode]!, size));
      for (let i = 0; i < weight.length; i++) first[i] = beta1 * first[i]! + (1 - beta1) * gradient[i]!;
      const turned = await turn(new Float64Array(gradient), modes, bases, multiply);
      const update = await turn(new Float64Array(first), modes, bases, multiply);
      for (let i = 0; i < weight.length; i++) {
        const v = (second[i] = beta2 * second[i]! + (1 - beta2) * turned[i]! ** 2);
        update[i] = update[i]! / correction1 / (Math.sqrt(v) / correction2 + epsilon);
      }
      const back = bases.map((basis) => basis && transpose(basis));
      const change = await turn(update, modes, back, multiply);
      for (let i = 0; i < weight.length; i++) {
        weight[i] = weight[i]! * (1 - learningRate * weightDecay) - learningRate * change[i]!;
      }
      await addCovariances(covariances, gradient, modes, kept, multiply);
    }
  };
  return { step, state, momentLengths };
}

/** The axes that gradients are turned along: kernels' taps are one, and what has one axis alone has none. */
function weightModes([out = 1, into = 1, ...taps]: readonly number[]): readonly number[] {
  const modes = [out, into, taps.reduce((product, size) => product * size, 1)].filter((size) => size > 1);
  return modes.length > 1 ? modes : [];
}

const isTurned = (size: number): boolean => size <= longestTurned;

/** Null where there is no gradient yet, or none is kept: as it is. */
async function basisOf(covariance: Float32Array, size: number): Promise<Matrix | null> {
  if (!covariance.some((value) => value !== 0)) return null;
  return symmetricEigen(matrix(size, size, new Float64Array(covariance))).vectors(0, size);
}

/** A weight [...modes] with each mode in its basis [size, size], one vector a column. */
async function turn(
  data: Float64Array,
  modes: readonly number[],
  bases: readonly (Matrix | null)[],
  multiply: Multiply,
): Promise<Float64Array> {
  let turned = data;
  // Each product puts its mode last: after all of them they are in the order that they were in.
  for (const [mode, size] of modes.entries()) {
    const unfolded = matrix(size, turned.length / size, turned);
    const basis = bases[mode];
    turned = (basis ? await multiply(unfolded, basis, 'left') : transpose(unfolded)).data;
  }
  return turned;
}

/** covariance ← kept · covariance + (1 − kept) · G Gᵀ of each mode's unfolding G. */
async function addCovariances(
  covariances: readonly Float32Array[],
  gradient: Float32Array,
  modes: readonly number[],
  kept: number,
  multiply: Multiply,
): Promise<void> {
  let data: Float64Array = new Float64Array(gradient);
  for (const [mode, size] of modes.entries()) {
    const unfolded = matrix(size, data.length / size, data);
    const covariance = covariances[mode]!;
    if (covariance.length > 0) {
      const { data: product } = await multiply(unfolded, unfolded, 'right');
      for (let i = 0; i < product.length; i++) {
        covariance[i] = kept * covariance[i]! + (1 - kept) * product[i]!;
      }
    }
    data = transpose(unfolded).data;
  }
}
