import { describe, expect, test } from 'vitest';
import { appendLoss, lossName } from '../../../../main/core/learn/loss/append-loss.ts';
import {
  crossEntropy,
  distill,
  distillRegions,
  divergence,
  oneHot,
  overScales,
  softDice,
} from '../../../../main/core/learn/loss/losses.ts';
import type { NodeBuilder } from '../../../../main/core/learn/node-builder.ts';
import { makeModel, makeNode, makeValueInfo } from '../../../../main/core/onnx/build-graph.ts';
import { createRandom } from '../../../fixtures/random.ts';
import { runGraph } from '../../../fixtures/run-graph.ts';

const shape = [1, 3, 2, 3, 4];
const voxels = 24;
const classes = 3;
const random = createRandom(7);
const logits = Float32Array.from({ length: classes * voxels }, () => 4 * random() - 2);
const teacher = Float32Array.from({ length: classes * voxels }, () => 4 * random() - 2);
const labels = Float32Array.from({ length: voxels }, () => Math.floor(3 * random()));

async function lossOf(build: (builder: NodeBuilder) => string): Promise<number> {
  const network = makeModel({
    name: 'n',
    nodes: [makeNode('Identity', ['x'], ['logits'])],
    initializers: [],
    inputs: [makeValueInfo('x', shape)],
    outputs: [makeValueInfo('logits', shape)],
  });
  const labelShape = [1, 1, 2, 3, 4];
  const model = appendLoss(network, { labels: labelShape, teacher: shape }, build);
  const answer = await runGraph(model, {
    x: { shape, data: logits },
    labels: { shape: labelShape, data: labels },
    teacher: { shape, data: teacher },
  });
  return answer[lossName]![0]!;
}

/** Softmax over the classes of one voxel, float64. */
function shares(values: Float32Array, voxel: number, temperature = 1): number[] {
  const each = Array.from({ length: classes }, (_, c) => Math.exp(values[c * voxels + voxel]! / temperature));
  const sum = each.reduce((a, b) => a + b, 0);
  return each.map((value) => value / sum);
}

const all = Array.from({ length: voxels }, (_, voxel) => voxel);
const target = (b: NodeBuilder): string => oneHot(b, 'labels', classes, 3);

/** Dice as Wang et al. define it for shares, of what is found and what is right at a voxel, with one voxel added to both. */
function diceOf(at: (voxel: number) => readonly [number, number]): number {
  const pairs = all.map(at);
  const apart = pairs.reduce((sum, [found, right]) => sum + Math.abs(found - right), 0);
  const total = pairs.reduce((sum, [found, right]) => sum + found + right, 0);
  return (total - apart + 1) / (total + 1);
}

describe('losses are what their definitions give in float64, 1e-6', () => {
  test('cross-entropy', async () => {
    const expected = all.reduce((sum, v) => sum - Math.log(shares(logits, v)[labels[v]!]!), 0) / voxels;
    expect(await lossOf((b) => crossEntropy(b, { logits: 'logits', target: target(b), shape }))).toBeCloseTo(
      expected,
      5,
    );
  });

  test("nnU-Net's soft Dice", async () => {
    const dice = [1, 2].map((label) => {
      const common = all.reduce((sum, v) => sum + (labels[v] === label ? shares(logits, v)[label]! : 0), 0);
      const found = all.reduce((sum, v) => sum + shares(logits, v)[label]!, 0);
      const there = labels.filter((each) => each === label).length;
      return (2 * common + 1e-5) / (found + there + 1e-5);
    });
    const loss = await lossOf((b) => softDice(b, { logits: 'logits', target: target(b), shape }));
    expect(loss).toBeCloseTo(-(dice[0]! + dice[1]!) / 2, 5);
  });

  test('divergence, weighted to the foreground', async () => {
    const [temperature, foregroundWeight] = [2, 5];
    let sum = 0;
    let weights = 0;
    for (const v of all) {
      const taught = shares(teacher, v, temperature);
      const learnt = shares(logits, v, temperature);
      const weight = taught[0] === Math.max(...taught) ? 1 : foregroundWeight;
      sum += weight * taught.reduce((kl, p, c) => kl + p * Math.log(p / learnt[c]!), 0);
      weights += weight;
    }
    const input = { logits: 'logits', teacher: 'teacher', shape, temperature, foregroundWeight };
    const apart = (temperature ** 2 * sum) / weights;
    expect(await lossOf((b) => divergence(b, input))).toBeCloseTo(apart, 5);
    const dice = [1, 2].map((label) =>
      diceOf((v) => [shares(logits, v)[label]!, shares(teacher, v)[label]!]),
    );
    expect(await lossOf((b) => distill(b, input))).toBeCloseTo(apart - (dice[0]! + dice[1]!) / 2, 5);
  });

  test('distillation of regions, each by its sigmoid', async () => {
    const [temperature, foregroundWeight] = [2, 5];
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x / temperature));
    let sum = 0;
    let weights = 0;
    teacher.forEach((value, i) => {
      const [p, q] = [sigmoid(value), sigmoid(logits[i]!)];
      const weight = value > 0 ? foregroundWeight : 1;
      sum += weight * (p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q)));
      weights += weight;
    });
    const input = { logits: 'logits', teacher: 'teacher', shape, temperature, foregroundWeight };
    const share = (x: number): number => 1 / (1 + Math.exp(-x));
    const dice = [0, 1, 2].map((region) =>
      diceOf((v) => [share(logits[region * voxels + v]!), share(teacher[region * voxels + v]!)]),
    );
    const overlap = dice.reduce((total, each) => total + each, 0) / 3;
    expect(await lossOf((b) => distillRegions(b, input))).toBeCloseTo(
      (temperature ** 2 * sum) / weights - overlap,
      5,
    );
  });

  test('deep supervision weighs the scales by halves', async () => {
    const loss = await lossOf((b) => overScales(b, [b.scalar(3), b.scalar(6)]));
    expect(loss).toBeCloseTo((3 * 2 + 6) / 3, 6);
  });
});
