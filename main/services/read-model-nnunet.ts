import { AppFailure } from '../contract/app-error.ts';
import { checkNetwork } from '../core/model/check-network.ts';
import { ModelFormatError } from '../core/model/model-format-error.ts';
import { configurationNames } from '../core/nnunet/plans.ts';
import {
  buildFold,
  describeNnunet,
  nnunetModel,
  type NnunetDescription,
} from '../core/nnunet/read-nnunet.ts';
import { readCheckpoint, type Checkpoint } from '../core/nnunet/torch-checkpoint.ts';
import { measureCost, type Cost } from '../core/onnx/measure-cost.ts';
import { writeOnnx } from '../core/onnx/onnx-file.ts';
import type { ModelFiles } from './read-model-files.ts';
import { readJson, readLicence } from './read-model-json.ts';
import type { ImportedModel, ReadModelOptions } from './read-model.ts';

const defaultConfiguration = '3d_fullres';

/**
 * The folder (`''` or ending in `/`) that holds plans.json and dataset.json, null where there is none. Of several
 * it takes the one of `configuration`. Throws ModelFormatError where that does not decide.
 */
export function findNnunetFolder(paths: readonly string[], configuration: string | undefined): string | null {
  const folders = paths
    .filter((path) => path === 'plans.json' || path.endsWith('/plans.json'))
    .map((path) => path.slice(0, -'plans.json'.length))
    .filter((folder) => paths.includes(`${folder}dataset.json`));
  if (folders.includes('')) return '';
  const chosen = folders.filter((folder) => folder.endsWith(`__${configuration}/`));
  if (chosen.length === 1) return chosen[0] ?? null;
  if (folders.length > 1)
    throw new ModelFormatError(`there are several models (${folders.slice(0, 5).join(', ')}): name one`);
  return folders[0] ?? null;
}

/** Reads the model in `folder`, all folds of it. `name` is what the outermost folder is called. */
export async function readNnunetModel(
  files: ModelFiles,
  folder: string,
  name: string,
  { configuration, ...options }: ReadModelOptions,
): Promise<ImportedModel> {
  const plansJson = await readJson(files, `${folder}plans.json`);
  const datasetJson = await readJson(files, `${folder}dataset.json`);
  const folderName = folder === '' ? name : (folder.split('/').at(-2) ?? '');
  const chosen = configuration ?? configurationOf(folderName, plansJson);
  const description = describeNnunet(plansJson, datasetJson, chosen);
  const folds = await readFolds(files, folder, description, options);
  const { plans, dataset } = description;
  const licence = await readLicence(files, folder, dataset.licence);
  return {
    model: { ...nnunetModel(description, folds.checkpoints), licence },
    networks: folds.networks,
    parameters: folds.cost.parameters,
    macs: folds.cost.macs,
    source: [plans.datasetName, folds.checkpoints[0]?.trainerName, plans.plansName, chosen, dataset.reference]
      .filter(Boolean)
      .join(', '),
    licence,
    description: dataset.description,
    card: null,
  };
}

/** `Trainer__Plans__config`; else 3d_fullres, or the only configuration that there is. */
function configurationOf(folderName: string, plansJson: unknown): string {
  const [, , named] = folderName.split('__');
  if (named) return named;
  const names = configurationNames(plansJson);
  return names.length === 1 && names[0] ? names[0] : defaultConfiguration;
}

interface Folds {
  readonly networks: readonly Uint8Array[];
  readonly checkpoints: readonly Pick<Checkpoint, 'trainerName' | 'mirrorAxes'>[];
  readonly cost: Cost;
}

/** One fold after another: a fold's weights and its ONNX are all that is in memory beside the finished ones. */
async function readFolds(
  files: ModelFiles,
  folder: string,
  description: NnunetDescription,
  { signal, onProgress }: ReadModelOptions,
): Promise<Folds> {
  const { plans, dataset } = description;
  const paths = checkpointPaths(files.paths, folder);
  const networks: Uint8Array[] = [];
  const checkpoints: Pick<Checkpoint, 'trainerName' | 'mirrorAxes'>[] = [];
  let cost: Cost | null = null;
  for (const path of paths) {
    if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
    onProgress?.(networks.length, paths.length);
    const { network, checkpoint } = await readFold(files, path, description);
    const inputShapes = checkNetwork(network, {
      channels: dataset.channels.length,
      classes: dataset.decision.values.length,
      patch: plans.patch,
    });
    cost ??= measureCost(network, inputShapes);
    networks.push(writeOnnx(network));
    checkpoints.push(checkpoint);
  }
  if (!cost) throw new ModelFormatError('there is no fold_X/checkpoint_final.pth');
  return { networks, checkpoints, cost };
}

/** Throws ModelFormatError that begins with the checkpoint's path. */
async function readFold(files: ModelFiles, path: string, description: NnunetDescription) {
  try {
    const zip = await files.openZip(path);
    try {
      const checkpoint = await readCheckpoint(zip);
      return { checkpoint, network: await buildFold(description, checkpoint) };
    } finally {
      await zip.close();
    }
  } catch (error) {
    if (error instanceof ModelFormatError) throw new ModelFormatError(`${path}: ${error.message}`);
    throw error;
  }
}

/**
 * Of every fold_X the final checkpoint, or the best where training was cut short; fold_all, trained on all cases,
 * only where it is alone (nnU-Net's auto_detect_available_folds leaves it out).
 */
function checkpointPaths(paths: readonly string[], folder: string): string[] {
  const folds = new Map<string, string>();
  for (const path of paths) {
    const match = /^(fold_(?:\d{1,2}|all))\/checkpoint_(final|best)\.pth$/.exec(path.slice(folder.length));
    if (!path.startsWith(folder) || !match?.[1]) continue;
    if (match[2] === 'final' || !folds.has(match[1])) folds.set(match[1], path);
  }
  if (folds.size > 1) folds.delete('fold_all');
  return [...folds.values()].sort();
}
