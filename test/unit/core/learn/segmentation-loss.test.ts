import { describe, expect, test } from 'vitest';
import { differentiate } from '../../../../main/core/learn/gradient/differentiate.ts';
import { appendLoss, lossName } from '../../../../main/core/learn/loss/append-loss.ts';
import { crossEntropy, oneHot } from '../../../../main/core/learn/loss/losses.ts';
import { segmentationLoss } from '../../../../main/core/learn/loss/segmentation-loss.ts';
import { recipeArchitecture } from '../../../../main/core/learn/recipe/recipe-architecture.ts';
import { learnableWeights, withFreeWeights } from '../../../../main/core/learn/train/learnable-weights.ts';
import { initialNetwork } from '../../../../main/core/nnunet/initial-weights.ts';
import { logitsOf, planNetwork } from '../../../../main/core/nnunet/build-network.ts';
import { makeModel, makeNode, makeValueInfo } from '../../../../main/core/onnx/build-graph.ts';
import { SeededRandom } from '../../../../main/core/random/seeded-random.ts';
import { runGraph } from '../../../fixtures/run-graph.ts';

const random = new SeededRandom(4);
const shape = [2, 3, 4, 4, 4];
const labelShape = [2, 1, 4, 4, 4];
const coarse = [2, 3, 2, 2, 2];
const drawn = (length: number): Float32Array => Float32Array.from({ length }, () => random.between(-2, 2));
const [logits, coarseLogits] = [drawn(2 * 3 * 64), drawn(2 * 3 * 8)];
const labels = Float32Array.from({ length: 2 * 64 }, () => random.below(3));
const classWeights = [1, 2, 5];

const network = makeModel({
  name: 'n',
  nodes: [makeNode('Identity', ['x'], ['logits']), makeNode('Identity', ['z'], ['logits.1'])],
  initializers: [],
  inputs: [makeValueInfo('x', shape), makeValueInfo('z', coarse)],
  outputs: [makeValueInfo('logits', shape), makeValueInfo('logits.1', coarse)],
});

async function lossOf(build: Parameters<typeof appendLoss>[2]): Promise<number> {
  const answer = await runGraph(appendLoss(network, { labels: labelShape }, build), {
    x: { shape, data: logits },
    z: { shape: coarse, data: coarseLogits },
    labels: { shape: labelShape, data: labels },
  });
  return answer[lossName]![0]!;
}

/** log softmax of class c in entry i of `voxels`, of batch entry n. */
function logShare(values: Float32Array, n: number, c: number, i: number, voxels: number): number {
  const at = (k: number): number => values[(n * 3 + k) * voxels + i]!;
  return at(c) - Math.log(Math.exp(at(0)) + Math.exp(at(1)) + Math.exp(at(2)));
}

/** Dice and weighted cross-entropy in float64; `share(n, c, i)` is the target. */
function expectedLoss(
  values: Float32Array,
  voxels: number,
  share: (n: number, c: number, i: number) => number,
) {
  let [sum, weight] = [0, 0];
  const common = [0, 0, 0];
  const total = [0, 0, 0];
  for (const n of [0, 1])
    for (const c of [0, 1, 2])
      for (let i = 0; i < voxels; i++) {
        const target = share(n, c, i);
        const logged = logShare(values, n, c, i, voxels);
        sum -= classWeights[c]! * target * logged;
        weight += classWeights[c]! * target;
        common[c]! += target * Math.exp(logged);
        total[c]! += target + Math.exp(logged);
      }
  const dice = [1, 2].map((c) => (2 * common[c]! + 1e-5) / (total[c]! + 1e-5));
  return sum / weight - (dice[0]! + dice[1]!) / 2;
}

describe('the loss of training, with a batch of two', () => {
  test('weighted cross-entropy of equal weights is the one without', async () => {
    const of = (weights: readonly number[] | null) =>
      lossOf((b) => crossEntropy(b, { logits: 'logits', target: oneHot(b, 'labels', 3, 3), shape }, weights));
    expect(await of([2, 2, 2])).toBeCloseTo(await of(null), 5);
  });

  test('both scales are what their definitions give in float64, the finer counting twice as much', async () => {
    const fine = expectedLoss(logits, 64, (n, c, i) => (labels[n * 64 + i] === c ? 1 : 0));
    const block = (n: number, c: number, i: number): number => {
      const [z, y, x] = [i >> 2, (i >> 1) & 1, i & 1];
      let share = 0;
      for (const dz of [0, 1])
        for (const dy of [0, 1])
          for (const dx of [0, 1]) {
            const at = n * 64 + ((2 * z + dz) * 4 + 2 * y + dy) * 4 + 2 * x + dx;
            share += labels[at] === c ? 1 / 8 : 0;
          }
      return share;
    };
    const low = expectedLoss(coarseLogits, 8, block);
    const found = await lossOf((b) =>
      segmentationLoss(b, {
        scales: [
          { logits: 'logits', shape },
          { logits: 'logits.1', shape: coarse },
        ],
        labels: 'labels',
        classWeights,
      }),
    );
    expect(found).toBeCloseTo((2 * fine + low) / 3, 4);
  });
});

test('a whole U-Net with its loss: moved against the gradient, the loss falls by what the gradient says', async () => {
  const architecture = recipeArchitecture({
    network: { features: [4, 6, 8], strides: [1, 2, 2], kernel: 3, convolutions: 2, norm: 'instance' },
  });
  const plan = planNetwork(architecture, 1, 3, { scales: 2, batch: 2 });
  const untrained = initialNetwork(plan, new SeededRandom(3));
  const weights = learnableWeights(untrained);
  expect(weights.has('decoder.seg_layers.0.weight')).toBe(true);
  const inputs = { image: [2, 1, 8, 8, 8], labels: [2, 1, 8, 8, 8] };
  const learning = appendLoss(untrained, { labels: inputs.labels }, (b) =>
    segmentationLoss(b, {
      scales: [
        { logits: logitsOf(0), shape: [2, 3, 8, 8, 8] },
        { logits: logitsOf(1), shape: [2, 3, 4, 4, 4] },
      ],
      labels: 'labels',
      classWeights: [1, 2, 3],
    }),
  );
  const { model, gradients } = differentiate(learning, {
    loss: lossName,
    by: [...weights.keys()],
    inputShapes: inputs,
  });
  const fed = {
    image: { shape: inputs.image, data: drawn(2 * 512) },
    labels: { shape: inputs.labels, data: Float32Array.from({ length: 2 * 512 }, () => random.below(3)) },
  };
  const weightsAt = (move: (name: string, i: number) => number) =>
    Object.fromEntries(
      [...weights].map(([name, { dims, data }]) => [
        name,
        { shape: dims, data: data.map((value, i) => value + move(name, i)) },
      ]),
    );
  const found = await runGraph(model, { ...fed, ...weightsAt(() => 0) });
  const gradientOf = (name: string): Float32Array => found[gradients.get(name)!]!;
  const squares = [...weights.keys()].reduce(
    (sum, name) => sum + gradientOf(name).reduce((each, g) => each + g * g, 0),
    0,
  );
  const forward = withFreeWeights(learning, weights);
  const lossAt = async (h: number): Promise<number> =>
    (await runGraph(forward, { ...fed, ...weightsAt((name, i) => h * gradientOf(name)[i]!) }))[lossName]![0]!;
  const h = 2e-3 / Math.sqrt(squares);
  const slope = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
  expect(slope / squares).toBeCloseTo(1, 2);
});
