import { checkNetwork } from '../core/model/check-network.ts';
import { manifestModel, readManifest } from '../core/model/manifest.ts';
import { ModelFormatError } from '../core/model/model-format-error.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx } from '../core/onnx/onnx-file.ts';
import { isCard, readCard } from './read-model-card.ts';
import type { ModelFiles } from './read-model-files.ts';
import { readJson, readLicence } from './read-model-json.ts';
import type { ImportedModel } from './read-model.ts';

const maxNetworkBytes = 2 ** 31 - 1; // protobuf's own limit

/**
 * The manifest of an ONNX model: the named file (or the .json beside the named .onnx), else the only .json whose
 * .onnx lies beside it. Null where there is none. Throws ModelFormatError where there are several.
 */
export function findManifest(paths: readonly string[], focus: string | null): string | null {
  if (focus !== null) {
    const manifest = focus.replace(/\.onnx$/i, '.json');
    if (!paths.includes(manifest)) throw new ModelFormatError(`its manifest ${manifest} is missing`);
    return manifest;
  }
  const beside = (folder: string) => paths.some((path) => isIn(path, folder) && path.endsWith('.onnx'));
  const candidates = paths.filter(
    (path) => path.endsWith('.json') && !isCard(path) && beside(folderOf(path)),
  );
  const named = candidates.filter((path) => paths.includes(path.replace(/\.json$/, '.onnx')));
  const manifests = named.length > 0 ? named : candidates;
  if (manifests.length > 1)
    throw new ModelFormatError(`there are several models (${manifests.slice(0, 5).join(', ')}): name one`);
  return manifests[0] ?? null;
}

export async function readOnnxModel(files: ModelFiles, manifestPath: string): Promise<ImportedModel> {
  const manifest = readManifest(await readJson(files, manifestPath));
  const folder = folderOf(manifestPath);
  const path = manifest.network ? `${folder}${manifest.network}` : manifestPath.replace(/\.json$/, '.onnx');
  if (!files.paths.includes(path)) throw new ModelFormatError(`the network ${path} is missing`);
  const bytes = await files.read(path, maxNetworkBytes);
  const model = manifestModel(manifest);
  const network = readOnnx(bytes);
  const inputShapes = checkNetwork(network, {
    channels: model.channels.length,
    classes: model.decision.values.length,
    patch: model.patch,
  });
  const { parameters, macs } = measureCost(network, inputShapes);
  const licence = await readLicence(files, folder, manifest.licence);
  return {
    model: { ...model, licence },
    networks: [bytes],
    parameters,
    macs,
    source: manifest.source,
    licence,
    description: manifest.description,
    card: await readCard(files, manifestPath, manifest),
  };
}

/** `''` or ending in `/`. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function isIn(path: string, folder: string): boolean {
  return folderOf(path) === folder;
}
