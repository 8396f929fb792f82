import type { Progress } from '../contract/engine-protocol.ts';
import type { ModelCard } from '../contract/model-card.ts';
import type { TrainedNetwork, TrainLimits } from '../contract/train-request.ts';
import { recipeManifest } from '../core/learn/recipe/recipe-manifest.ts';
import type { TrainRecipe } from '../core/learn/recipe/train-recipe.ts';
import { checkNetwork } from '../core/model/check-network.ts';
import { manifestModel, readManifest, type Manifest } from '../core/model/manifest.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx } from '../core/onnx/onnx-file.ts';
import { deleteTraining, findTraining, putModelCard, putTraining } from '../db/queries/trainings.ts';
import { sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import type { ScanOptions } from './gather-input.ts';
import { storeModel, type ModelSummary } from './models.ts';
import type { ImportedModel } from './read-model.ts';
import { prepareFolder } from './prepare-folder.ts';
import { readRecipe } from './read-recipe.ts';
import { forgetStaleCheckpoints } from './forget-stale-checkpoints.ts';
import { gatherTrainingImages, type TrainingImages, type TrainingPaths } from './training-images.ts';
import { writeTrained } from './write-trained.ts';

export interface TrainOrder extends TrainingPaths {
  /** Path of the recipe. */
  readonly recipe: string;
  /** In place of the recipe's. */
  readonly minutes?: number | undefined;
  readonly seed?: number | undefined;
  /** Ends after so many steps however long they take, so that it can be repeated; no minutes then. */
  readonly steps?: number | undefined;
  readonly threads: number;
  /** Folder that network, manifest and card are written to as well. */
  readonly out?: string | undefined;
}

export interface TrainOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onScan?: ScanOptions['onProgress'];
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** An interrupted run of the same work is taken up after so many steps. */
  readonly onResume?: ((steps: number) => void) | undefined;
}

export interface TrainReport {
  readonly model: ModelSummary;
  readonly card: ModelCard;
  readonly trained: TrainedNetwork;
  /** Files that were written. */
  readonly files: readonly string[];
}

/**
 * Trains a network from scratch by a recipe, and stores it as a model with a card that says how. Interrupted, the same order
 * goes on from its last checkpoint. Throws AppFailure; `cancelled` keeps the checkpoint.
 */
export async function trainModel(
  context: Context,
  order: TrainOrder,
  options: TrainOptions = {},
): Promise<TrainReport> {
  const { db } = context;
  const recipe = withOrder(await readRecipe(order.recipe), order);
  const limits: TrainLimits =
    order.steps === undefined
      ? { steps: null, minutes: recipe.training.minutes }
      : { steps: order.steps, minutes: null };
  const out = order.out === undefined ? null : prepareFolder(order.out);
  const images = await gatherTrainingImages(context, order, recipe, {
    signal: options.signal,
    onProgress: options.onScan,
  });
  const fingerprint = sha256Hex(JSON.stringify([context.appVersion, recipe, limits, images.data]));
  const work: Work = { recipe, limits, images, fingerprint };
  forgetStaleCheckpoints(context);
  const trained = await learn(context, order, work, options);
  const card = cardOf(context, work, trained);
  const manifest = readManifest(structuredClone(recipeManifest(recipe, trained.normalization)));
  const imported = importedOf(manifest, trained.network, card);
  // Before the checkpoint goes: where nothing can be written, the same order only has to be given again.
  const files = out === null ? [] : await writeTrained(out, manifest, trained.network, card);
  const model = db
    .transaction(() => {
      const stored = storeModel(context, imported, order.recipe, 'model-trained');
      // Trained here, whatever an import said before.
      putModelCard(db, stored.id, card);
      deleteTraining(db, fingerprint);
      return stored;
    })
    .immediate();
  return { model, card, trained, files };
}

function withOrder(recipe: TrainRecipe, { minutes, seed }: TrainOrder): TrainRecipe {
  const { training } = recipe;
  return {
    ...recipe,
    training: { ...training, minutes: minutes ?? training.minutes, seed: seed ?? training.seed },
  };
}

interface Work {
  readonly recipe: TrainRecipe;
  readonly limits: TrainLimits;
  readonly images: TrainingImages;
  /** Of the same work: a checkpoint fits it. */
  readonly fingerprint: string;
}

async function learn(
  { db, now, newId, startEngine }: Context,
  { threads }: TrainOrder,
  { recipe, limits, images, fingerprint }: Work,
  { signal, onProgress, onResume }: TrainOptions,
): Promise<TrainedNetwork> {
  const checkpoint = findTraining(db, fingerprint);
  if (checkpoint) onResume?.(checkpoint.steps);
  const engine = startEngine();
  try {
    return await engine.ask(
      'train',
      {
        jobId: newId(),
        recipe,
        images: images.learn,
        heldOut: images.heldOut,
        limits,
        threads,
        checkpoint,
      },
      {
        signal,
        onProgress,
        onCheckpoint: (each) => db.transaction(() => putTraining(db, fingerprint, each, now())).immediate(),
      },
    );
  } finally {
    await engine.close();
  }
}

function importedOf(manifest: Manifest, network: Uint8Array, card: ModelCard): ImportedModel {
  const model = manifestModel(manifest);
  const onnx = readOnnx(network);
  const classes = model.decision.values.length;
  const shapes = checkNetwork(onnx, { channels: model.channels.length, classes, patch: model.patch });
  const { parameters, macs } = measureCost(onnx, shapes);
  const { source, licence, description } = manifest;
  return { model, networks: [network], parameters, macs, source, licence, description, card };
}

const sixDigits = (value: number): number => Number(value.toPrecision(6));

function cardOf(
  { appVersion }: Context,
  { limits, images }: Work,
  { steps, losses, judgements, diverged, heldOut }: TrainedNetwork,
): ModelCard {
  return {
    format: 'thinslice-card/1',
    appVersion,
    recipe: images.namelessRecipe,
    limits,
    data: images.data,
    steps,
    losses: losses.map(sixDigits),
    judgements: judgements.map(({ steps: after, score }) => ({ steps: after, score: sixDigits(score) })),
    diverged,
    heldOut: heldOut.map(({ labels }, index) => ({ sha256: images.heldOutHashes[index]!, labels })),
  };
}
