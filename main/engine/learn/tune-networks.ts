import { createSession } from '../../../native/onnxruntime/create-session.ts';
import { AppFailure } from '../../contract/app-error.ts';
import type { Progress } from '../../contract/engine-protocol.ts';
import type { TuneCheckpoint, TunedFold, TunedNetworks, TuneRequest } from '../../contract/tune-request.ts';
import { augmentPatch } from '../../core/learn/augment/augment-patch.ts';
import { nnunetAugmentation, withoutMovement } from '../../core/learn/augment/augment-recipe.ts';
import { LearnError } from '../../core/learn/gradient/gradient-rule.ts';
import { adamW } from '../../core/learn/optimize/optimizer.ts';
import { distill } from '../../core/learn/loss/losses.ts';
import { cosine } from '../../core/learn/optimize/schedule.ts';
import { meanDice, winners } from '../../core/learn/train/agreement.ts';
import { learnableWeights, withWeights } from '../../core/learn/train/learnable-weights.ts';
import { learningCurve } from '../../core/learn/train/learning-curve.ts';
import { imageInput } from '../../core/onnx/image-input.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../core/onnx/onnx-file.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import { readMessages } from '../read-messages.ts';
import { readNetwork } from '../read-network.ts';
import type { TaskContext } from '../task-runner.ts';
import { checkLearningMemory, createLearner, planLearning } from './learner.ts';
import { learnWeights, type LearningNews } from './learn-weights.ts';
import { drawPatch, type PatchSource } from './patch-sampler.ts';
import { createPredictor } from './predictor.ts';
import { surveyImages, type RunPatch } from './survey-images.ts';

export interface TuneContext extends Omit<TaskContext, 'onProgress'> {
  readonly onProgress?: (progress: Progress) => void;
  readonly onCheckpoint?: (checkpoint: TuneCheckpoint) => void;
}

/** A patch to learn on, of a network that takes any size: larger ones show more around, and take longer. */
const freePatch = 64;
const judgedPatches = 8;
const judgeEverySteps = 25;
const largestGradient = 12;
const averageDecay = 0.98;
const warmupSteps = 10;
/** Progress is in parts of these. */
const parts = 1000;

/**
 * Distils each full network into the variant's network of the same fold. Each is learnt by itself, in its part of the time.
 *
 * @throws AppFailure for images that cannot be read, `out-of-memory` before the first step, `model-refused` for a network
 *   that cannot learn, `cancelled` within a step
 */
export async function tuneNetworks(request: TuneRequest, context: TuneContext): Promise<TunedNetworks> {
  const { checkpoint } = request;
  const networks = [...(checkpoint?.finished.networks ?? [])];
  const folds = [...(checkpoint?.finished.folds ?? [])];
  try {
    for (let fold = networks.length; fold < request.networks.length; fold++) {
      const tuned = await tuneFold(request, { networks, folds }, context);
      networks.push(tuned.network);
      folds.push(tuned.fold);
    }
    return { networks, folds };
  } catch (error) {
    if (!(error instanceof LearnError)) throw error;
    throw new AppFailure({ code: 'model-refused', path: request.model.name, detail: error.message });
  }
}

async function tuneFold(
  request: TuneRequest,
  finished: TunedNetworks,
  context: TuneContext,
): Promise<{ readonly network: Uint8Array; readonly fold: TunedFold }> {
  const { model, recipe, threads, checkpoint } = request;
  const fold = finished.networks.length;
  const network = readOnnx(readNetwork(request.networks[fold]!));
  const weights = learnableWeights(network);
  const patch = patchOf(request);
  const channels = model.channels.length;
  const classes = model.decision.values.length;
  const inputShape = [1, channels, ...patch];
  const outputShape = [1, classes, ...patch];
  const { input, output } = networkEnds(network);
  const learning = planLearning(network, {
    weights,
    inputs: { [input]: inputShape, taught: outputShape },
    loss: (b) => distill(b, { logits: output, teacher: 'taught', shape: outputShape, ...recipe }),
  });
  checkLearningMemory(learning);
  const learner = await createLearner(learning, threads);
  const predictor = await createPredictor(network, weights, threads);
  const cpu = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
  const teacher = await createSession(readNetwork(request.teachers[fold]!), cpu, threads);
  const taught = new Float32Array(classes * voxelCount(patch));
  const teach: RunPatch = async (image) => {
    await readMessages(context.signal);
    await teacher.run(image, inputShape, taught, outputShape);
    return taught;
  };
  try {
    const total = request.images.length + request.heldOut.length;
    const survey = (sources: TuneRequest['images'], seed: number, before: number) =>
      surveyImages(sources, model, patch, teach, new SeededRandom(seed), {
        ...context,
        onProgress: (done) =>
          context.onProgress?.({ stage: 'load', done: before + done, total, secondsLeft: null }),
      });
    const source = { images: await survey(request.images, recipe.seed, 0), channels, patch };
    const heldOut = await survey(request.heldOut, recipe.seed + 1, request.images.length);
    const judged = { images: heldOut, channels, patch };
    const predict: Predict = (image, values) => predictor.predict(image, inputShape, values);
    const augmentation = withoutMovement(nnunetAugmentation(patch, model.mirrorAxes));
    const random = new SeededRandom(recipe.seed + 3 + fold);
    const share = (60 * recipe.minutes) / request.networks.length;
    const current = new Map([...weights].map(([name, { data }]) => [name, data]));
    const rate = cosine(recipe.learningRate, recipe.steps, Math.min(warmupSteps, recipe.steps / 10));
    const learnt = await learnWeights({
      weights: current,
      limits: { steps: recipe.steps, seconds: share },
      optimizer: (state) => adamW({ weightDecay: recipe.weightDecay }, state),
      // Where the time ends before the steps do, the rate falls with the time.
      rateAt: (progress) => rate(progress * recipe.steps),
      random,
      judge: await judgeOf(judged, recipe.seed + 2, classes, teach, predict),
      judgeEvery: judgeEverySteps,
      clip: largestGradient,
      averageDecay,
      step: async () => {
        const crop = { image: drawPatch(source, random), labels: null, channels, shape: patch };
        const { image } = augmentPatch(crop, patch, augmentation, random);
        return learner.step(new Map([[input, image]]).set('taught', await teach(image)), current);
      },
      checkpoint: checkpoint?.fold === fold ? checkpoint.bytes : null,
      signal: context.signal,
      onProgress: (news) => context.onProgress?.(progressOf(request, fold, share, news)),
      onCheckpoint: (steps, bytes) => {
        const { networks, folds } = finished;
        const kept = { networks: [...networks], folds: [...folds] };
        context.onCheckpoint?.({ fold, steps, bytes, finished: kept });
      },
    });
    return {
      network: writeOnnx(withWeights(network, learnt.best)),
      fold: {
        steps: learnt.steps,
        seconds: learnt.seconds,
        losses: learnt.losses,
        agreementBefore: learnt.firstScore,
        agreementAfter: learnt.bestScore,
        diverged: learnt.end === 'diverged',
      },
    };
  } finally {
    await learner.release();
    await predictor.release();
    await teacher.release();
  }
}

/** @param share seconds that a fold may take */
function progressOf(
  { recipe, networks: { length: folds } }: TuneRequest,
  fold: number,
  share: number,
  { state, progress, secondsLeft }: LearningNews,
): Progress {
  const { steps, losses, judgements } = state;
  return {
    stage: 'learn',
    done: Math.round((parts * (fold + progress)) / folds),
    total: parts,
    secondsLeft: (secondsLeft ?? 0) + (folds - fold - 1) * share,
    learning: {
      fold,
      folds,
      steps,
      mostSteps: recipe.steps,
      loss: losses.at(-1) ?? null,
      agreement: judgements.at(-1)!.score,
      curve: learningCurve(losses, judgements),
    },
  };
}

function networkEnds(network: OnnxModel): { readonly input: string; readonly output: string } {
  const input = imageInput(network)?.name;
  const output = network.graph.outputs[0]?.name;
  if (!input || !output) throw new Error('a network without input or output');
  return { input, output };
}

type Predict = (patch: Float32Array, weights: ReadonlyMap<string, Float32Array>) => Promise<Float32Array>;

/** Agreement with the full network on patches that are the same every time. */
async function judgeOf(
  source: PatchSource,
  seed: number,
  classes: number,
  teach: RunPatch,
  predict: Predict,
): Promise<(weights: ReadonlyMap<string, Float32Array>) => Promise<number>> {
  const random = new SeededRandom(seed);
  const patches: { readonly input: Float32Array; readonly labels: Uint8Array }[] = [];
  for (let each = 0; each < judgedPatches; each++) {
    const input = drawPatch(source, random);
    patches.push({ input, labels: winners(await teach(input), classes) });
  }
  return async (weights) => {
    const pairs: [Uint8Array, Uint8Array][] = [];
    for (const { input, labels } of patches) {
      pairs.push([labels, winners(await predict(input, weights), classes)]);
    }
    return meanDice(pairs, classes);
  };
}

function patchOf({ model }: TuneRequest): Vec3 {
  if (model.tiling.kind !== 'margin') return model.patch;
  return model.patch.map((size) => Math.min(size, freePatch)) as unknown as Vec3;
}
