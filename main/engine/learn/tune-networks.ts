import { createSession } from '../../../native/onnxruntime/create-session.ts';
import { AppFailure } from '../../contract/app-error.ts';
import type { Progress } from '../../contract/engine-protocol.ts';
import type { TuneCheckpoint, TunedFold, TunedNetworks, TuneRequest } from '../../contract/tune-request.ts';
import { augmentPatch } from '../../core/learn/augment/augment-patch.ts';
import { nnunetAugmentation, withoutMovement } from '../../core/learn/augment/augment-recipe.ts';
import { LearnError } from '../../core/learn/gradient/gradient-rule.ts';
import { adamW, emptyState } from '../../core/learn/optimize/optimizer.ts';
import { cosine } from '../../core/learn/optimize/schedule.ts';
import { meanDice, winners } from '../../core/learn/train/agreement.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../core/learn/train/checkpoint.ts';
import { learnableWeights, withWeights } from '../../core/learn/train/learnable-weights.ts';
import { learningCurve } from '../../core/learn/train/learning-curve.ts';
import { train, type TrainState } from '../../core/learn/train/train.ts';
import { readOnnx, writeOnnx } from '../../core/onnx/onnx-file.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import { readNetwork } from '../read-network.ts';
import type { TaskContext } from '../task-runner.ts';
import { createLearner } from './learner.ts';
import { drawPatch, type PatchSource } from './patch-sampler.ts';
import { readMessages } from '../read-messages.ts';
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
/** A curve is long, and nobody sees it change more often. */
const newsEveryMs = 100;

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
  const { model, recipe, threads } = request;
  const fold = finished.networks.length;
  const network = readOnnx(readNetwork(request.networks[fold]!));
  const weights = learnableWeights(network);
  const patch = patchOf(request);
  const channels = model.channels.length;
  const classes = model.decision.values.length;
  const inputShape = [1, channels, ...patch];
  const outputShape = [1, classes, ...patch];
  const learner = await createLearner(network, { weights, inputShape, outputShape, recipe, threads });
  const cpu = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
  const teacher = await createSession(readNetwork(request.teachers[fold]!), cpu, threads);
  const taught = new Float32Array(classes * voxelCount(patch));
  const teach: RunPatch = async (input) => {
    await readMessages(context.signal);
    await teacher.run(input, inputShape, taught, outputShape);
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
    const judge = await judgeOf(judged, recipe.seed + 2, classes, teach, learner.predict);

    const augmentation = withoutMovement(nnunetAugmentation(patch, model.mirrorAxes));
    const random = new SeededRandom(recipe.seed + 3 + fold);
    const current = new Map([...weights].map(([name, { data }]) => [name, data]));
    const { checkpoint } = request;
    const earlier = checkpoint?.fold === fold ? decodeCheckpoint(checkpoint.bytes, current) : null;
    if (earlier) {
      random.state = earlier.random;
      for (const [name, data] of earlier.state.weights) current.get(name)!.set(data);
    }
    const optimizer = adamW({ weightDecay: recipe.weightDecay }, earlier?.optimizer ?? emptyState());
    const clock = startClock(earlier?.seconds ?? 0);
    const share = (60 * recipe.minutes) / request.networks.length;
    const isOver = (steps: number): boolean => steps >= recipe.steps || clock() >= share;
    const progress = (steps: number): number => Math.min(1, Math.max(steps / recipe.steps, clock() / share));
    const rate = cosine(recipe.learningRate, recipe.steps, Math.min(warmupSteps, recipe.steps / 10));
    const report = reportLearning(request, fold, { clock, share }, context.onProgress);
    const trained = await train(
      {
        weights: current,
        optimizer,
        // Where the time ends before the steps do, the rate falls with the time.
        schedule: (steps) => rate(Math.max(steps, progress(steps) * recipe.steps)),
        isOver,
        judge,
        judgeEvery: judgeEverySteps,
        clip: largestGradient,
        averageDecay,
        step: async () => {
          await readMessages(context.signal);
          const before = random.state;
          try {
            const crop = { image: drawPatch(source, random), labels: null, channels, shape: patch };
            const { image: input } = augmentPatch(crop, patch, augmentation, random);
            return await learner.step(input, await teach(input));
          } catch (error) {
            // Who goes on from here draws this patch again.
            random.state = before;
            throw error;
          }
        },
        onProgress: report,
        onCheckpoint: (state) => {
          const bytes = encodeCheckpoint({
            state,
            optimizer: optimizer.state,
            random: random.state,
            seconds: clock(),
          });
          const { networks, folds } = finished;
          context.onCheckpoint?.({
            fold,
            steps: state.steps,
            bytes,
            finished: { networks: [...networks], folds: [...folds] },
          });
        },
      },
      earlier?.state,
    );
    return {
      network: writeOnnx(withWeights(network, trained.best)),
      fold: {
        steps: trained.steps,
        seconds: clock(),
        losses: trained.losses,
        agreementBefore: trained.firstScore,
        agreementAfter: trained.bestScore,
        diverged: trained.end === 'diverged',
      },
    };
  } finally {
    await learner.release();
    await teacher.release();
  }
}

interface Time {
  /** Seconds that were spent on this fold. */
  readonly clock: () => number;
  /** Seconds that it may take. */
  readonly share: number;
}

/** Tells of each judgement, and of steps as often as they can be followed. */
function reportLearning(
  { recipe, networks: { length: folds } }: TuneRequest,
  fold: number,
  { clock, share }: Time,
  onProgress: TuneContext['onProgress'],
): (state: TrainState) => void {
  let toldAt = -Infinity;
  let judgements = 0;
  return (state) => {
    const now = performance.now();
    if (now - toldAt < newsEveryMs && state.judgements.length === judgements) return;
    toldAt = now;
    judgements = state.judgements.length;
    const { steps, losses } = state;
    const spent = clock();
    const done = Math.min(1, Math.max(steps / recipe.steps, spent / share));
    const byTime = share - spent;
    const bySteps = steps > 0 ? (spent / steps) * (recipe.steps - steps) : Infinity;
    onProgress?.({
      stage: 'learn',
      done: Math.round((parts * (fold + done)) / folds),
      total: parts,
      secondsLeft: Math.max(0, Math.min(byTime, bySteps)) + (folds - fold - 1) * share,
      learning: {
        fold,
        folds,
        steps,
        mostSteps: recipe.steps,
        loss: losses.at(-1) ?? null,
        agreement: state.judgements.at(-1)!.score,
        curve: learningCurve(losses, state.judgements),
      },
    });
  };
}

/** Agreement with the full network on patches that are the same every time. */
async function judgeOf(
  source: PatchSource,
  seed: number,
  classes: number,
  teach: RunPatch,
  predict: (patch: Float32Array, weights: ReadonlyMap<string, Float32Array>) => Promise<Float32Array>,
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

/** Seconds since the start, those of an earlier run among them. */
function startClock(before: number): () => number {
  const start = performance.now();
  return () => before + (performance.now() - start) / 1000;
}
