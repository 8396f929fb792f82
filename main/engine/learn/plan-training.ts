import { segmentationLoss } from '../../core/learn/loss/segmentation-loss.ts';
import { recipeArchitecture } from '../../core/learn/recipe/recipe-architecture.ts';
import type { TrainRecipe } from '../../core/learn/recipe/train-recipe.ts';
import { learnableWeights } from '../../core/learn/train/learnable-weights.ts';
import { inputName, logitsOf, planNetwork } from '../../core/nnunet/build-network.ts';
import { initialNetwork } from '../../core/nnunet/initial-weights.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import { checkFree, planLearning, type Learning } from './learner.ts';

/** The input of the loss beside the image. */
export const labelsName = 'labels';

/**
 * A step of each of the recipe's patch sizes, all beginning with the same weights. Throws LearnError, AppFailure `out-of-memory` for
 * a network that is too large to be drawn.
 */
export function planTraining(recipe: TrainRecipe, seed: number): readonly Learning[] {
  return recipe.training.patches.map((each) => planStep(recipe, each, seed));
}

type PatchSize = TrainRecipe['training']['patches'][number];

function planStep(recipe: TrainRecipe, { patch, batch }: PatchSize, seed: number): Learning {
  const { training, labels } = recipe;
  const architecture = recipeArchitecture(recipe);
  const classes = labels.names.length;
  const plan = planNetwork(architecture, 1, classes, { scales: training.scales, batch });
  const count = plan.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  checkFree(4 * count);
  const network = initialNetwork(plan, new SeededRandom(seed));
  const scales = Array.from({ length: training.scales }, (_, scale) => ({
    logits: logitsOf(scale),
    shape: [batch, classes, ...patch.map((size, axis) => size / strideTo(scale, axis as 0 | 1 | 2))],
  }));
  return planLearning(network, {
    weights: learnableWeights(network),
    inputs: { [inputName]: [batch, 1, ...patch], [labelsName]: [batch, 1, ...patch] },
    loss: (b) =>
      segmentationLoss(b, { scales, labels: labelsName, classWeights: training.classWeights ?? null }),
  });

  function strideTo(scale: number, axis: 0 | 1 | 2): number {
    return architecture.strides
      .slice(0, scale + 1)
      .map((stride) => stride[axis])
      .reduce((product, stride) => product * stride, 1);
  }
}
