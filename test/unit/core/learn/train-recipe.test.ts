import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { recipeArchitecture } from '../../../../main/core/learn/recipe/recipe-architecture.ts';
import { readTrainRecipe, trainRecipeJsonSchema } from '../../../../main/core/learn/recipe/train-recipe.ts';
import { learnableWeights } from '../../../../main/core/learn/train/learnable-weights.ts';
import { planNetwork } from '../../../../main/core/nnunet/build-network.ts';
import { initialNetwork } from '../../../../main/core/nnunet/initial-weights.ts';
import { SeededRandom } from '../../../../main/core/random/seeded-random.ts';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../../../resources/${path}`, import.meta.url), 'utf8'));
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is spoilt has no type
type Json = Record<string, any>;
const ctTissue = (): Json => read('recipes/ct-tissue.json') as Json;

describe('a recipe', () => {
  it('has the JSON Schema that resources/schemas holds', () => {
    // Where this fails after a change of the schema: write trainRecipeJsonSchema() into that file.
    expect(read('schemas/train-recipe.schema.json')).toEqual(
      JSON.parse(JSON.stringify(trainRecipeJsonSchema())),
    );
  });

  it('of the bundled model has the network of the bundled model', () => {
    const recipe = readTrainRecipe(ctTissue());
    const { weights } = planNetwork(recipeArchitecture(recipe), 1, recipe.labels.names.length, { scales: 3 });
    const parameters = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    // The given network's, less the weights and biases of norms on twice 16, 32, 64 and 128 channels, and twice 64, 32 and 16.
    expect(parameters).toBe(1_402_642 - 2 * 2 * (16 + 32 + 64 + 128 + 64 + 32 + 16));
  });

  it.each<[string, (recipe: Json) => void, RegExp]>([
    ['a key that is not known', (r) => (r.learningRate = 1), /learningRate/],
    ['too few strides', (r) => r.network.strides.pop(), /network\.strides: must be as many/],
    ['a stride in the first stage', (r) => (r.network.strides[0] = 2), /strides: must begin with 1/],
    [
      'a patch that does not divide',
      (r) => (r.training.patches[0].patch[1] = 44),
      /patches\.0\.patch: must be div/,
    ],
    [
      'patches that end early',
      (r) => r.training.patches.pop(),
      /training\.patches: must end with one until 1/,
    ],
    ['a weight too many', (r) => r.training.classWeights.push(1), /classWeights: must be as many/],
    [
      'an unknown rare label',
      (r) => r.training.oversample.labels.push('brain'),
      /"brain", which is no label/,
    ],
    ['more scales than stages', (r) => (r.training.scales = 4), /scales: must be fewer/],
    ['a weight of 0', (r) => (r.training.classWeights[0] = 0), /training\.classWeights\.0/],
    ['half a slice', (r) => (r.parts[0].learn.slices[1] = 75.5), /parts\.0\.learn/],
    [
      'an image twice',
      (r) => r.parts.push({ ...r.parts[0], learn: 'all', holdOut: undefined }),
      /parts\.1: names .* again/,
    ],
    ['a rate of 0', (r) => (r.training.optimizer.learningRate = 0), /optimizer\.learningRate/],
    [
      'a shift in HU of what is no CT',
      (r) => {
        r.normalization = 'zscore';
        r.training.intensityShift = { share: 0.15, most: 25 };
      },
      /training\.intensityShift: is in HU/,
    ],
    [
      'a recast of what is no CT',
      (r) => {
        r.normalization = 'zscore';
        delete r.training.intensityShift;
        delete r.training.noise;
        r.training.recast = [{ share: 0.3, label: 'lung', as: 'gas', towards: -1000, by: 0.75 }];
      },
      /training\.recast: is in HU/,
    ],
    [
      'a recast to a label that there is not',
      (r) => (r.training.recast = [{ share: 0.3, label: 'lung', as: 'air', towards: -1000, by: 0.75 }]),
      /training\.recast\.0\.as: is "air", which is no label/,
    ],
    [
      'noise in HU of what is no CT',
      (r) => {
        r.normalization = 'zscore';
        delete r.training.intensityShift;
        r.training.noise = { share: 0.3, most: 60 };
      },
      /training\.noise: is in HU/,
    ],
    [
      'noise without augmentation',
      (r) => {
        r.training.augment = false;
        delete r.training.intensityShift;
      },
      /training\.noise: is part of augmentation/,
    ],
    ['an unknown rule', (r) => (r.labels.rule = 'guess'), /labels\.rule/],
    ['a rule at another spacing', (r) => (r.spacingMm[0] = 2), /labels\.rule: is for CT at a spacing/],
  ])('with %s is refused by name', (_, spoil, words) => {
    const recipe = ctTissue();
    spoil(recipe);
    expect(() => readTrainRecipe(recipe)).toThrow(words);
  });
});

const planWith = (norm: 'instance' | 'none') => {
  const { network } = readTrainRecipe(ctTissue());
  return planNetwork(recipeArchitecture({ network: { ...network, norm } }), 1, 6);
};

test('without norms the first channels bend at values that are spread over an image, and no other bias is set', () => {
  const weights = learnableWeights(initialNetwork(planWith('none'), new SeededRandom(7)));
  const { data: first } = weights.get('encoder.stages.0.0.convs.0.conv.weight')!; // [16, 1, 3, 3, 3]
  const { data: biases } = weights.get('encoder.stages.0.0.convs.0.conv.bias')!;
  const bends = [...biases].map((bias, channel) => {
    const taps = first.subarray(27 * channel, 27 * (channel + 1));
    return -bias / taps.reduce((sum, tap) => sum + tap, 0);
  });
  bends.forEach((bend, channel) => expect(bend).toBeCloseTo(-3 + (6 * (channel + 0.5)) / 16, 4));
  for (const [name, { data }] of weights) {
    if (name.endsWith('.bias') && data !== biases) expect(new Set(data)).toEqual(new Set([0]));
  }
});

test('initial weights are as InitWeights_He makes them, and the same for the same seed', () => {
  const plan = planWith('instance');
  const weights = learnableWeights(initialNetwork(plan, new SeededRandom(7)));
  const deviation = (name: string): number => {
    const { data } = weights.get(name)!;
    return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  };
  const gain = Math.sqrt(2 / (1 + 0.01 ** 2));
  const conv = deviation('encoder.stages.2.0.convs.1.conv.weight'); // 64 inputs, 27 taps
  expect(conv / (gain / Math.sqrt(64 * 27))).toBeCloseTo(1, 1);
  const up = deviation('decoder.transpconvs.0.weight'); // [128, 64, 2, 2, 2]: fan-in is counted on the outputs
  expect(up / (gain / Math.sqrt(64 * 8))).toBeCloseTo(1, 1);
  expect(new Set(weights.get('encoder.stages.0.0.convs.0.norm.weight')!.data)).toEqual(new Set([1]));
  expect(new Set(weights.get('encoder.stages.0.0.convs.0.conv.bias')!.data)).toEqual(new Set([0]));
  const firstOf = (seed: number) =>
    learnableWeights(initialNetwork(plan, new SeededRandom(seed))).get('decoder.seg_layers.2.weight')!.data;
  expect(firstOf(7)).toEqual(weights.get('decoder.seg_layers.2.weight')!.data);
  expect(firstOf(8)).not.toEqual(firstOf(7));
});
