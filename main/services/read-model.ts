import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { ModelCard } from '../contract/model-card.ts';
import { ModelFormatError } from '../core/model/model-format-error.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import { openFolder, openZippedFolder, type ModelFiles } from './read-model-files.ts';
import { findManifest, readOnnxModel } from './read-model-onnx.ts';
import { findNnunetFolder, readNnunetModel } from './read-model-nnunet.ts';

export interface ImportedModel {
  readonly model: SegmentationModel;
  /** ONNX files, one a fold. */
  readonly networks: readonly Uint8Array[];
  /** Of one fold. */
  readonly parameters: number;
  /** Multiply-accumulates of one fold over one patch. */
  readonly macs: number;
  /** Where the model says it comes from. */
  readonly source: string;
  readonly licence: string;
  readonly description: string;
  /** How it was trained, where it says so. */
  readonly card: ModelCard | null;
}

export interface ReadModelOptions {
  /** nnU-Net configuration, such as `3d_lowres`; by default what the folder's name says, else `3d_fullres`. */
  readonly configuration?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Folds read, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Reads a model from an nnU-Net v2 model folder (`Trainer__Plans__config`, a dataset folder that holds one, or a
 * folder with plans.json, dataset.json and fold_X itself), from an ONNX file with its manifest (`name.onnx` and
 * `name.json`, or a folder with both; its card `name.card.json` where there is one), or from a zip of either. Throws AppFailure `model-refused` or `cancelled`.
 */
export async function readModel(path: string, options: ReadModelOptions = {}): Promise<ImportedModel> {
  try {
    const { files, name, focus } = await openModelFiles(path);
    try {
      return await readFiles(files, name, focus, options);
    } finally {
      await files.close();
    }
  } catch (error) {
    throw asRefusal(error, path);
  }
}

interface OpenedModel {
  readonly files: ModelFiles;
  /** What the folder or zip is called: a model folder's name says its trainer, plans and configuration. */
  readonly name: string;
  /** The one file that was named, where it was not a folder. */
  readonly focus: string | null;
}

async function openModelFiles(path: string): Promise<OpenedModel> {
  const info = await stat(path);
  if (info.isDirectory()) return { files: await openFolder(path), name: basename(path), focus: null };
  const extension = extname(path).toLowerCase();
  if (extension === '.zip')
    return { files: await openZippedFolder(path), name: basename(path, extname(path)), focus: null };
  if (extension === '.onnx' || extension === '.json') {
    const folder = dirname(path);
    return { files: await openFolder(folder, 1), name: basename(folder), focus: basename(path) };
  }
  throw new ModelFormatError('it is neither a folder nor a .zip, .onnx or .json file');
}

async function readFiles(
  files: ModelFiles,
  name: string,
  focus: string | null,
  options: ReadModelOptions,
): Promise<ImportedModel> {
  const folder = focus === null ? findNnunetFolder(files.paths, options.configuration) : null;
  if (folder !== null) return readNnunetModel(files, folder, name, options);
  const manifest = findManifest(files.paths, focus);
  if (manifest !== null) return readOnnxModel(files, manifest);
  throw new ModelFormatError(
    'there is neither an nnU-Net model (plans.json, dataset.json and fold_0) nor an ONNX file with its manifest',
  );
}

function asRefusal(error: unknown, path: string): unknown {
  if (error instanceof ModelFormatError || error instanceof OnnxFormatError)
    return new AppFailure({ code: 'model-refused', path, detail: error.message });
  const { code, errno } = error as NodeJS.ErrnoException;
  // Only what the system says about the path is about the model; the rest is a bug of ours.
  if (typeof errno !== 'number') return error;
  return new AppFailure({ code: 'model-refused', path, detail: code ?? String(error) });
}
