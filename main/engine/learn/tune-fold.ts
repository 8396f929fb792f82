import { createMultiply } from '../../../native/onnxruntime/create-multiply.ts';
import type { Progress } from '../../contract/engine-protocol.ts';
import type { TuneCheckpoint, TunedFold, TunedNetworks, TuneRequest } from '../../contract/tune-request.ts';
import { augmentPatch } from '../../core/learn/augment/augment-patch.ts';
import { nnunetAugmentation } from '../../core/learn/augment/augment-recipe.ts';
import { cropShape } from '../../core/learn/augment/crop-shape.ts';
import { soap } from '../../core/learn/optimize/soap.ts';
import { cosine, leftToLearn, warmUp } from '../../core/learn/optimize/schedule.ts';
import { learnableWeights, withWeights } from '../../core/learn/train/learnable-weights.ts';
import { networkEnds } from '../../core/onnx/image-input.ts';
import { readOnnx, writeOnnx } from '../../core/onnx/onnx-file.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import { voxelCount } from '../../core/volume/volume.ts';
import { readNetwork } from '../read-network.ts';
import type { TaskContext } from '../task-runner.ts';
import { choosePatch, machineMemory } from './choose-patch.ts';
import { createDistillation, distillationTerms } from './distillation.ts';
import { drawJudgedPatches } from './draw-judged-patches.ts';
import { judgePatches } from './judge-patches.ts';
import { labelLesson, labelTerms } from './label-lesson.ts';
import { checkLearningMemory, createLearner, planLearning } from './learner.ts';
import { learnWeights } from './learn-weights.ts';
import { learningProgress } from './learning-progress.ts';
import { drawCrop } from './patch-sampler.ts';
import { createPredictor } from './predictor.ts';
import { surveyImages } from './survey-images.ts';
import { taughtPatches } from './taught-patches.ts';

export interface TuneContext extends Omit<TaskContext, 'onProgress'> {
  readonly onProgress?: (progress: Progress) => void;
  readonly onCheckpoint?: (checkpoint: TuneCheckpoint) => unknown;
}

const judgeEverySteps = 25;
const largestGradient = 12;
const averageDecay = 0.98;
/** What compression left is soon lost where the first steps are large. */
const warmupSteps = 30;

/** Tunes the network of the fold that follows those that are finished. Errors as of `tuneNetworks`, and LearnError. */
export async function tuneFold(
  request: TuneRequest,
  finished: TunedNetworks,
  context: TuneContext,
): Promise<{ readonly network: Uint8Array; readonly fold: TunedFold }> {
  const { model, recipe, threads, checkpoint } = request;
  const fold = finished.networks.length;
  const network = readOnnx(readNetwork(request.networks[fold]!));
  const weights = learnableWeights(network);
  const channels = model.channels.length;
  const { input, output } = networkEnds(network);
  const full = request.teachers?.[fold];
  const { patch, learning } = choosePatch(model, (size) => {
    const { taughtShape, loss } = full ? distillationTerms(size, request) : labelTerms(model, size);
    return planLearning(network, {
      weights,
      inputs: { [input]: [1, channels, ...size], taught: taughtShape },
      loss: (b) => loss(b, output, 'taught'),
    });
  });
  checkLearningMemory(learning);
  const inputShape = [1, channels, ...patch];
  const lesson = full
    ? await createDistillation(readNetwork(full), patch, request, context.signal)
    : labelLesson(model, patch);
  const releases = [lesson.release];
  try {
    const learner = await createLearner(learning, threads);
    releases.push(learner.release);
    const predictor = await createPredictor(network, {
      weights,
      shape: inputShape,
      threads,
      signal: context.signal,
    });
    releases.push(predictor.release);
    const augmentation = lesson.augmentation(
      nnunetAugmentation(patch, model.mirrorAxes, maskedChannels(request)),
    );
    const { learn, heldOut } = await surveyAll(request, lesson.findPlaces, context);
    const source = { images: learn, channels, patch, crop: cropShape(patch, augmentation) };
    const judged = { images: heldOut, channels, patch, crop: patch };
    const seed = recipe.seed + 3 + fold;
    const random = new SeededRandom(seed);
    const patchAt = taughtPatches({
      seed,
      uses: lesson.uses,
      memoryBytes: machineMemory(),
      patchBytes: 4 * (channels + lesson.taughtShape[1]!) * voxelCount(patch),
      teach: async (draw) => {
        const drawn = augmentPatch(drawCrop(source, draw), patch, augmentation, draw);
        return { image: drawn.image, taught: await lesson.teach(drawn) };
      },
    });
    const share = (60 * recipe.minutes) / request.networks.length;
    const current = new Map([...weights].map(([name, { data }]) => [name, data]));
    const { multiply, release } = await createMultiply(threads);
    releases.push(release);
    const rate = cosine(recipe.learningRate, 1);
    const warmup = Math.min(warmupSteps, recipe.steps / 10);
    const learnt = await learnWeights({
      weights: current,
      limits: { steps: recipe.steps, seconds: share },
      optimizer: soap({ weights, multiply, weightDecay: recipe.weightDecay }),
      rateAt: (progress, steps, agreement) => rate(progress) * warmUp(steps, warmup) * leftToLearn(agreement),
      random,
      judge: judgePatches(
        [await drawJudgedPatches(judged, recipe.seed + 2, lesson.codesOf)],
        model.decision,
        predictor.predict,
      ),
      judgeEvery: judgeEverySteps,
      clip: largestGradient,
      averageDecay,
      step: async (_progress, steps) => {
        const { image, taught } = await patchAt(steps, random);
        return learner.step(new Map([[input, image]]).set('taught', taught), current);
      },
      checkpoint: checkpoint?.fold === fold ? checkpoint.bytes : null,
      signal: context.signal,
      onProgress: (news) => {
        const folds = request.networks.length;
        context.onProgress?.(
          learningProgress(news, { fold, folds, mostSteps: recipe.steps, secondsAFold: share }),
        );
      },
      onCheckpoint: (steps, bytes) => {
        const { networks, folds } = finished;
        const kept = { networks: [...networks], folds: [...folds] };
        return context.onCheckpoint?.({ fold, steps, bytes, finished: kept });
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
    for (const release of releases) await release();
  }
}

async function surveyAll(
  { images, heldOut, model, recipe }: TuneRequest,
  findPlaces: Parameters<typeof surveyImages>[2],
  context: TuneContext,
) {
  const total = images.length + heldOut.length;
  const survey = (each: typeof images, seed: number, before: number) =>
    surveyImages(each, model, findPlaces, new SeededRandom(seed), {
      ...context,
      onProgress: (done) =>
        context.onProgress?.({ stage: 'load', done: before + done, total, secondsLeft: null }),
    });
  const learn = await survey(images, recipe.seed, 0);
  return { learn, heldOut: await survey(heldOut, recipe.seed + 1, images.length) };
}

/** Channels that are 0 outside of a mask. */
function maskedChannels({ model }: TuneRequest): number[] {
  return model.channels.flatMap(({ normalization }, channel) =>
    normalization.kind === 'zscore' && normalization.useMask ? [channel] : [],
  );
}
