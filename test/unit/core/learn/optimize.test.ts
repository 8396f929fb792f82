import { describe, expect, test } from 'vitest';
import { differentiate } from '../../../../main/core/learn/gradient/differentiate.ts';
import { appendLoss, lossName } from '../../../../main/core/learn/loss/append-loss.ts';
import {
  adamW,
  averageWeights,
  clipGradients,
  nesterovSgd,
} from '../../../../main/core/learn/optimize/optimizer.ts';
import { cosine, leftToLearn, polynomial, warmUp } from '../../../../main/core/learn/optimize/schedule.ts';
import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../../../main/core/onnx/onnx-file.ts';
import { createRandom } from '../../../fixtures/random.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const one = (value: number) => new Map([['w', Float32Array.of(value)]]);

describe('optimisers', () => {
  test("AdamW's first steps on a constant gradient go by the learning rate each, and decay apart from it", async () => {
    const weights = one(1);
    const { step } = adamW({ weightDecay: 0.1 });
    await step(weights, one(5), 0.01);
    // m / (1 − β1) = 5 and √v / √(1 − β2) = 5: a step of exactly the rate.
    expect(weights.get('w')![0]).toBeCloseTo(1 * (1 - 0.001) - 0.01, 6);
    await step(weights, one(5), 0.01);
    expect(weights.get('w')![0]).toBeCloseTo((0.999 - 0.01) * 0.999 - 0.01, 6);
  });

  test('Nesterov SGD looks ahead by its momentum', async () => {
    const weights = one(1);
    const { step } = nesterovSgd({ momentum: 0.9, weightDecay: 0 });
    await step(weights, one(1), 0.1); // v = 1: w −= 0.1 (1 + 0.9)
    expect(weights.get('w')![0]).toBeCloseTo(0.81, 6);
    await step(weights, one(1), 0.1); // v = 1.9: w −= 0.1 (1 + 1.71)
    expect(weights.get('w')![0]).toBeCloseTo(0.539, 6);
  });

  test('clipping keeps the direction, averaging moves by its share', () => {
    const gradients = new Map([
      ['a', Float32Array.of(3)],
      ['b', Float32Array.of(4)],
    ]);
    expect(clipGradients(gradients, 1)).toBe(5);
    expect(gradients.get('a')![0]! / gradients.get('b')![0]!).toBeCloseTo(0.75, 6);
    expect(Math.hypot(gradients.get('a')![0]!, gradients.get('b')![0]!)).toBeCloseTo(1, 5);
    const average = one(0);
    averageWeights(average, one(10), 0.9);
    expect(average.get('w')![0]).toBeCloseTo(1, 6);
  });

  test('schedules end where they should', () => {
    expect(polynomial(0.01, 100)(0)).toBe(0.01);
    expect(polynomial(0.01, 100)(50)).toBeCloseTo(0.01 * 0.5 ** 0.9, 9);
    expect(cosine(1, 100)(100)).toBeCloseTo(0, 9);
    expect(cosine(1, 100)(50)).toBeCloseTo(0.5, 9);
    expect([0, 4, 9, 10].map((step) => warmUp(step, 10))).toEqual([0.1, 0.5, 1, 1]);
    expect([0, 0.5, 0.75, 1].map(leftToLearn)).toEqual([1, 1, 0.5, 0]);
  });
});

test('a network of two layers reaches the loss that the closed form gives', async () => {
  // Two pointwise layers without anything between them are one linear map: least squares has a closed form.
  const voxels = 64;
  const random = createRandom(3);
  const normal = () => random() + random() + random() - 1.5;
  const x = Float32Array.from({ length: 2 * voxels }, normal);
  const y = Float32Array.from(
    { length: voxels },
    (_, v) => 0.7 * x[v]! - 0.4 * x[voxels + v]! + 0.3 * normal(),
  );
  const expected = leastSquares(x, y, voxels);
  const network = makeModel({
    name: 'two',
    nodes: [makeNode('Conv', ['x', 'w1'], ['h']), makeNode('Conv', ['h', 'w2'], ['logits'])],
    initializers: [
      makeFloatTensor('w1', [3, 2, 1], Float32Array.from({ length: 6 }, normal)),
      makeFloatTensor('w2', [1, 3, 1], Float32Array.from({ length: 3 }, normal)),
    ],
    inputs: [makeValueInfo('x', [1, 2, voxels])],
    outputs: [makeValueInfo('logits', [1, 1, voxels])],
  });
  const shape = [1, 1, voxels];
  const taught = appendLoss(network, { target: shape }, (b) => {
    const gap = b.sub('logits', 'target');
    return b.mean(b.mul(gap, gap), [0, 1, 2], 0);
  });
  const by = ['w1', 'w2'];
  const { model, gradients } = differentiate(taught, {
    loss: lossName,
    by,
    inputShapes: { x: [1, 2, voxels], target: shape },
  });
  const weights = new Map([
    ['w1', Float32Array.from({ length: 6 }, normal)],
    ['w2', Float32Array.from({ length: 3 }, normal)],
  ]);
  const session = await InferenceSession.create(writeOnnx(model), { logSeverityLevel: 3 });
  const optimizer = adamW({ weightDecay: 0 });
  const rate = cosine(0.05, 400);
  let loss = Infinity;
  for (let step = 0; step < 400; step++) {
    const results = await session.run({
      x: new Tensor('float32', x, [1, 2, voxels]),
      target: new Tensor('float32', y, shape),
      w1: new Tensor('float32', weights.get('w1')!, [3, 2, 1]),
      w2: new Tensor('float32', weights.get('w2')!, [1, 3, 1]),
    });
    loss = (results[lossName]!.data as Float32Array)[0]!;
    const found = by.map((name) => [name, results[gradients.get(name)!]!.data as Float32Array] as const);
    await optimizer.step(weights, new Map(found), rate(step));
  }
  await session.release();
  expect(loss).toBeCloseTo(expected, 5);
});

/** The smallest mean squared error of y ≈ a x₀ + b x₁ (normal equations, float64). */
function leastSquares(x: Float32Array, y: Float32Array, count: number): number {
  let [s00, s01, s11, t0, t1] = [0, 0, 0, 0, 0];
  for (let v = 0; v < count; v++) {
    const [a, b] = [x[v]!, x[count + v]!];
    s00 += a * a;
    s01 += a * b;
    s11 += b * b;
    t0 += a * y[v]!;
    t1 += b * y[v]!;
  }
  const determinant = s00 * s11 - s01 * s01;
  const [a, b] = [(t0 * s11 - t1 * s01) / determinant, (t1 * s00 - t0 * s01) / determinant];
  let squares = 0;
  for (let v = 0; v < count; v++) squares += (y[v]! - a * x[v]! - b * x[count + v]!) ** 2;
  return squares / count;
}
