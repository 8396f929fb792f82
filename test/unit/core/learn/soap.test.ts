import { expect, test } from 'vitest';
import { adamW, type Optimizer } from '../../../../main/core/learn/optimize/optimizer.ts';
import { soap } from '../../../../main/core/learn/optimize/soap.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../../main/core/learn/train/checkpoint.ts';
import { matrix } from '../../../../main/core/tensor/matrices.ts';
import { multiplyMatrices } from '../../../../main/core/tensor/matrix-product.ts';
import { createRandom } from '../../../fixtures/random.ts';

const size = 6;
const square = new Map([['w', { dims: [size, size] }]]);

/** ½ ‖A (W − T) B‖², A and B ill-conditioned and not along the axes: what a network's layers are to each other. */
function stretched() {
  const random = createRandom(5);
  const draw = (): Float64Array => Float64Array.from({ length: size * size }, () => random() - 0.5);
  const product = (a: Float64Array, b: Float64Array, transposed?: 'left' | 'right'): Float64Array =>
    multiplyMatrices(matrix(size, size, a), matrix(size, size, b), transposed).data;
  const skewed = (): Float64Array => {
    const scales = Float64Array.from({ length: size * size }, (_, i) =>
      i % (size + 1) === 0 ? 3 ** -(i / (size + 1)) : 0,
    );
    return product(product(draw(), scales), draw());
  };
  const [a, b, target] = [skewed(), skewed(), draw()];
  const weights = new Map([['w', new Float32Array(size * size)]]);
  const residual = (): Float64Array =>
    product(product(a, weights.get('w')!.map((value, i) => value - target[i]!) as never), b);
  return {
    weights,
    loss: () => residual().reduce((sum, value) => sum + value * value, 0) / 2,
    gradients: () => new Map([['w', Float32Array.from(product(product(a, residual(), 'left'), b, 'right'))]]),
  };
}

async function lossAfter(steps: number, optimizer: Optimizer, rate: number): Promise<number> {
  const { weights, gradients, loss } = stretched();
  for (let i = 0; i < steps; i++) await optimizer.step(weights, gradients(), rate * (1 - i / steps));
  return loss();
}

test('where gradients are correlated it gets further by as many steps than AdamW at any rate', async () => {
  const rates = [0.003, 0.01, 0.03, 0.1, 0.3];
  const best = async (make: () => Optimizer): Promise<number> =>
    Math.min(...(await Promise.all(rates.map((rate) => lossAfter(100, make(), rate)))));
  const byAdam = await best(() => adamW({ weightDecay: 0 }));
  const bySoap = await best(() => soap({ weights: square, weightDecay: 0 }));
  expect(bySoap).toBeLessThan(byAdam / 4);
});

test('its first step, and every step of a weight of one axis, is Adam’s', async () => {
  const weightsOf = (): Map<string, Float32Array> =>
    new Map([
      ['bias', Float32Array.of(1, 2)],
      ['w', Float32Array.of(1, 2, 3, 4)],
    ]);
  const steps = [
    new Map([
      ['bias', Float32Array.of(1, -2)],
      ['w', Float32Array.of(1, -2, 3, -4)],
    ]),
    new Map([
      ['bias', Float32Array.of(3, 1)],
      ['w', Float32Array.of(-1, 2, 2, -1)],
    ]),
  ];
  const [weights, expected] = [weightsOf(), weightsOf()];
  const turning = soap({
    weights: new Map([
      ['bias', { dims: [2] }],
      ['w', { dims: [2, 2, 1, 1] }],
    ]),
    weightDecay: 0.1,
  });
  const plain = adamW({ beta2: 0.95, weightDecay: 0.1 });
  await turning.step(weights, steps[0]!, 0.01);
  await plain.step(expected, steps[0]!, 0.01);
  expect(weights).toEqual(expected);
  await turning.step(weights, steps[1]!, 0.01);
  await plain.step(expected, steps[1]!, 0.01);
  expect(weights.get('bias')).toEqual(expected.get('bias'));
  expect(weights.get('w')).not.toEqual(expected.get('w'));
});

test.each([
  ['two axes', [4, 7], [7, 4]],
  ['three', [3, 4, 5], [4, 3, 5]],
])('a weight whose first axes are swapped takes the same way: %s', async (_, upright, lying) => {
  const [rows, columns, taps = 1] = upright;
  const length = rows! * columns! * taps;
  const random = createRandom(8);
  const draws = Array.from({ length: 3 }, () => Float32Array.from({ length }, () => random() - 0.5));
  const swapped = (data: Float32Array): Float32Array =>
    data.map((_value, i) => {
      const tap = i % taps;
      const at = (i - tap) / taps;
      return data[((at % rows!) * columns! + Math.floor(at / rows!)) * taps + tap]!;
    });
  const after = async (
    shape: readonly number[],
    gradients: readonly Float32Array[],
  ): Promise<Float32Array> => {
    const weights = new Map([['w', new Float32Array(length)]]);
    const optimizer = soap({ weights: new Map([['w', { dims: shape }]]) });
    for (const gradient of gradients) await optimizer.step(weights, new Map([['w', gradient]]), 0.1);
    return weights.get('w')!;
  };
  const one = swapped(await after(upright, draws));
  const other = await after(lying, draws.map(swapped));
  other.forEach((value, i) => expect(value).toBeCloseTo(one[i]!, 3));
  expect(one.some((value) => Math.abs(value) > 0.1)).toBe(true);
});

test('an axis of more than 512 is left as it is, a checkpoint goes on bit by bit, and one of AdamW is refused', async () => {
  const long = 513;
  const wide = new Map([['w', { dims: [2, long] }]]);
  const random = createRandom(2);
  const draws = Array.from(
    { length: 4 },
    () => new Map([['w', Float32Array.from({ length: 2 * long }, () => random() - 0.5)]]),
  );
  const start = (): Map<string, Float32Array> => new Map([['w', new Float32Array(2 * long).fill(1)]]);
  const whole = start();
  const unbroken = soap({ weights: wide });
  expect(unbroken.momentLengths('w', 2 * long)).toEqual([2 * long, 2 * long, 4, 0]);
  for (const gradients of draws) await unbroken.step(whole, gradients, 0.01);

  const weights = start();
  const first = soap({ weights: wide });
  for (const gradients of draws.slice(0, 2)) await first.step(weights, gradients, 0.01);
  const state = { steps: 2, weights, average: weights, best: weights, bestScore: 0, firstScore: 0 };
  const facts = { state: { ...state, losses: [], judgements: [] }, random: 1, seconds: 1 };
  const read = decodeCheckpoint(encodeCheckpoint({ ...facts, optimizer: first.state }), weights, first);
  const second = soap({ weights: wide }, read.optimizer);
  for (const gradients of draws.slice(2)) await second.step(weights, gradients, 0.01);
  expect(weights).toEqual(whole);

  const other = adamW();
  for (const gradients of draws) await other.step(weights, gradients, 0.01);
  const bytes = encodeCheckpoint({ ...facts, optimizer: other.state });
  expect(() => decodeCheckpoint(bytes, weights, first)).toThrow(/not of this network/);
});
