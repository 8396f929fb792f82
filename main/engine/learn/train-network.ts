import { createMultiply } from '../../../native/onnxruntime/create-multiply.ts';
import type { Progress } from '../../contract/engine-protocol.ts';
import type { HeldOutImage, TrainedNetwork, TrainRequest } from '../../contract/train-request.ts';
import type { Recast } from '../../core/learn/augment/recast-label.ts';
import { spreadPlaces } from '../../core/learn/labels/spread-places.ts';
import { adamW, nesterovSgd, type Optimizer, type Parameters } from '../../core/learn/optimize/optimizer.ts';
import { soap } from '../../core/learn/optimize/soap.ts';
import { cosine, polynomial, type Schedule } from '../../core/learn/optimize/schedule.ts';
import { recipeManifest } from '../../core/learn/recipe/recipe-manifest.ts';
import { recipeArchitecture } from '../../core/learn/recipe/recipe-architecture.ts';
import type { TrainRecipe } from '../../core/learn/recipe/train-recipe.ts';
import { learnableWeights, withWeights, type Weight } from '../../core/learn/train/learnable-weights.ts';
import { manifestModel } from '../../core/model/manifest.ts';
import type { Normalization } from '../../core/model/segmentation-model.ts';
import { inputName, planNetwork } from '../../core/nnunet/build-network.ts';
import { initialNetwork } from '../../core/nnunet/initial-weights.ts';
import { writeOnnx, type OnnxModel } from '../../core/onnx/onnx-file.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import type { Multiply } from '../../core/tensor/matrix-product.ts';
import type { TaskContext } from '../task-runner.ts';
import { cutJudgedTiles } from './cut-judged-tiles.ts';
import { judgePatches } from './judge-patches.ts';
import { drawBatch, type LabelledSource } from './labelled-patches.ts';
import { checkLearningMemory, createLearner, type Learner, type Learning } from './learner.ts';
import { learnWeights, type Learnt } from './learn-weights.ts';
import { learningProgress } from './learning-progress.ts';
import { measureHeldOut } from './measure-held-out.ts';
import { labelsName, planTraining } from './plan-training.ts';
import { createPredictor } from './predictor.ts';
import { readTrainImages, type LabelledImage } from './train-images.ts';

export interface TrainContext extends Omit<TaskContext, 'onProgress'> {
  readonly onProgress?: (progress: Progress) => void;
  readonly onCheckpoint?: (steps: number, checkpoint: Uint8Array) => unknown;
}

/** Seeds of what is drawn, each by a generator of its own, so that no draw moves another. */
const seedOf = { weights: 0, intensities: 1, patches: 2 } as const;

/**
 * Trains the network of a recipe from scratch, and measures what was kept on the images held out.
 *
 * @throws AppFailure for images and labels that cannot be read, `out-of-memory` before the first step, `cancelled`
 */
export async function trainNetwork(request: TrainRequest, context: TrainContext): Promise<TrainedNetwork> {
  const { recipe, threads } = request;
  const { seed } = recipe.training;
  const classes = recipe.labels.names.length;
  const learnings = planTraining(recipe, seed + seedOf.weights);
  // Before anything is read: it takes minutes, and then would not fit.
  for (const learning of learnings) checkLearningMemory(learning);

  const {
    learn: images,
    heldOut,
    normalization,
  } = await readTrainImages(
    request,
    (found) => manifestModel(recipeManifest(recipe, found)),
    new SeededRandom(seed + seedOf.intensities),
    {
      ...context,
      onProgress: (done, total) => context.onProgress?.({ stage: 'load', done, total, secondsLeft: null }),
    },
  );
  const model = manifestModel(recipeManifest(recipe, normalization));
  const plain = emptyNetwork(recipe, classes);
  const predictor = await createPredictor(plain, {
    weights: learnableWeights(plain),
    shape: [1, 1, ...recipe.patch],
    threads,
    signal: context.signal,
  });
  try {
    const judge = judgePatches(cutJudgedTiles(heldOut, recipe.patch), model.decision, predictor.predict);
    const learnt = await learn(
      request,
      { learnings, source: sourceOf(recipe, images, normalization), judge },
      context,
    );
    const measured: HeldOutImage[] = [];
    for (const [index, image] of heldOut.entries()) {
      context.onProgress?.({ stage: 'compare', done: index, total: heldOut.length, secondsLeft: null });
      const run = (_fold: number, patch: Float32Array) => predictor.predict(patch, learnt.best);
      measured.push(await measureHeldOut(image, model, recipe.labels.names, run));
    }
    return {
      network: writeOnnx(withWeights(plain, learnt.best)),
      normalization,
      steps: learnt.steps,
      seconds: learnt.seconds,
      losses: learnt.losses,
      judgements: learnt.judgements,
      bestScore: learnt.bestScore,
      diverged: learnt.end === 'diverged',
      heldOut: measured,
    };
  } finally {
    await predictor.release();
  }
}

/** Enough of each label in each image to centre patches on. */
const mostPlaces = 20_000;

/** The network of inference, without heads for deep supervision; its weights are to be replaced. */
function emptyNetwork(recipe: TrainRecipe, classes: number): OnnxModel {
  return initialNetwork(planNetwork(recipeArchitecture(recipe), 1, classes), new SeededRandom(1));
}

function sourceOf(
  { labels, training }: TrainRecipe,
  images: readonly LabelledImage[],
  normalization: Normalization,
): LabelledSource {
  const wanted = training.oversample.labels.map((name) => labels.names.indexOf(name));
  const values = wanted.length > 0 ? wanted : labels.names.map((_, value) => value).slice(1);
  const places = images.map((image) => [...spreadPlaces(image.labels, values, mostPlaces).values()]);
  const recasts = recastsOf(training, labels.names, normalization);
  return { images, places, training, normalization, recasts };
}

function recastsOf(
  { recast }: TrainRecipe['training'],
  names: readonly string[],
  normalization: Normalization,
): readonly Recast[] {
  if (normalization.kind !== 'ct') return [];
  const { mean, std } = normalization;
  return recast.map(({ share, label, as, towards, by }) => ({
    share,
    by,
    from: names.indexOf(label),
    to: names.indexOf(as),
    towards: (towards - mean) / std,
  }));
}

interface Work {
  /** One for each of the recipe's patch sizes. */
  readonly learnings: readonly Learning[];
  readonly source: LabelledSource;
  readonly judge: (weights: Parameters) => Promise<number>;
}

async function learn(
  { recipe, limits, threads, checkpoint }: TrainRequest,
  { learnings, source, judge }: Work,
  context: TrainContext,
): Promise<Learnt> {
  const { training } = recipe;
  const random = new SeededRandom(training.seed + seedOf.patches);
  const weights = new Map([...learnings[0]!.weights].map(([name, { data }]) => [name, data]));
  const rate = scheduleOf(training);
  const learners = onlyOne(learnings, threads);
  const products = await createMultiply(threads);
  try {
    return await learnWeights({
      weights,
      limits: { steps: limits.steps, seconds: limits.minutes === null ? null : 60 * limits.minutes },
      optimizer: optimizerOf(training, learnings[0]!.weights, products.multiply),
      rateAt: rate,
      random,
      judge,
      judgeEvery: training.judgeEvery,
      clip: training.clip,
      averageDecay: training.averageDecay,
      step: async (progress) => {
        const phase = training.patches.findIndex(({ until }) => progress < until);
        const index = phase < 0 ? training.patches.length - 1 : phase;
        const { patch, batch } = training.patches[index]!;
        const learner = await learners.at(index);
        const { image, labels } = drawBatch(source, patch, batch, random);
        return learner.step(new Map([[inputName, image]]).set(labelsName, labels), weights);
      },
      checkpoint: checkpoint?.bytes ?? null,
      signal: context.signal,
      onProgress: (news) => {
        const only = { fold: 0, folds: 1, mostSteps: limits.steps, secondsAFold: 0 };
        context.onProgress?.(learningProgress(news, only));
      },
      onCheckpoint: (steps, bytes) => context.onCheckpoint?.(steps, bytes),
    });
  } finally {
    await learners.release();
    await products.release();
  }
}

/** A loaded step holds memory that the next size needs. */
function onlyOne(learnings: readonly Learning[], threads: number) {
  let loaded: { readonly index: number; readonly learner: Learner } | null = null;
  const release = async (): Promise<void> => {
    const before = loaded;
    loaded = null;
    await before?.learner.release();
  };
  const at = async (index: number): Promise<Learner> => {
    if (loaded?.index === index) return loaded.learner;
    await release();
    const learner = await createLearner(learnings[index]!, threads);
    loaded = { index, learner };
    return learner;
  };
  return { at, release };
}

function scheduleOf({ schedule, optimizer: { learningRate } }: TrainRecipe['training']): Schedule {
  return schedule.kind === 'cosine'
    ? cosine(learningRate, 1)
    : polynomial(learningRate, 1, schedule.exponent);
}

function optimizerOf(
  { optimizer }: TrainRecipe['training'],
  weights: ReadonlyMap<string, Weight>,
  multiply: Multiply,
): Optimizer {
  if (optimizer.kind === 'adamw') return adamW(optimizer);
  if (optimizer.kind === 'sgd') return nesterovSgd(optimizer);
  return soap({ ...optimizer, weights, multiply });
}
