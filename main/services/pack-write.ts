import type { KeyObject } from 'node:crypto';
import { dirname, isAbsolute, resolve, win32 } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { VariantRecipe } from '../contract/variant-recipe.ts';
import {
  encodeJson,
  encodeManifest,
  fullName,
  manifestName,
  networkFile,
  networksOf,
  packFormat,
  readPackManifest,
  signatureName,
  type PackEvaluation,
  type PackManifest,
  type PackVariant,
} from '../core/pack/pack-manifest.ts';
import type { Database } from '../db/database.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { findBlobSize } from '../db/queries/blobs.ts';
import { listNetworks, type VariantRow } from '../db/queries/models.ts';
import { listPackEvaluations } from '../db/queries/pack-evaluations.ts';
import { makeFolder } from '../files/make-folder.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { BlobDamaged, getChecked, sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { findVariant, getModel, type ModelSummary } from './models.ts';
import { opaqueImage } from './opaque-image.ts';
import { signManifest } from './pack-keys.ts';
import { packPieces, type PackEntry } from './pack-zip.ts';
import { asOutputFailure } from './output-failure.ts';

export interface PackOptions {
  /** Names of variants to take along; by default all. The full one always travels (see `fullName`). */
  readonly variants?: readonly string[] | undefined;
  readonly privateKey?: KeyObject | undefined;
  /** ISO 8601 UTC with milliseconds; by default now. Two packs that differ in nothing else are the same bytes. */
  readonly createdAt?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenPack {
  readonly path: string;
  readonly sizeBytes: number;
  readonly model: string;
  readonly variants: readonly string[];
  /** Fingerprint of the key that signed it. */
  readonly signedBy: string | null;
}

/**
 * Writes a model and its variants to one file (`pack-manifest.ts` says what is in it), whole or not at all. What was
 * measured on this computer's devices and names of images stay here. Throws AppFailure `model-not-found`,
 * `model-corrupt`, `output-failed` or `cancelled`.
 */
export async function writePack(
  context: Context,
  modelId: string,
  file: string,
  options: PackOptions = {},
): Promise<WrittenPack> {
  const { db, now } = context;
  const path = resolve(file);
  const model = getModel(db, modelId);
  const manifest = describe(context, model, options);
  const bytes = encodeManifest(manifest);
  // What we could not read again must not leave.
  readPackManifest(bytes);
  const signature = options.privateKey ? signManifest(bytes, options.privateKey) : null;
  const entries = [
    inMemory(manifestName, bytes),
    ...(signature ? [inMemory(signatureName, encodeJson(signature))] : []),
    ...networkEntries(db, manifest),
  ];
  const sizeBytes = await writeFile(path, packPieces(entries), options.signal);
  const variants = manifest.variants.map(({ name }) => name);
  const signedBy = signature?.fingerprint ?? null;
  const pack = sha256Hex(bytes);
  insertAudit(db, now(), 'pack-written', model.id, { path, sha256: model.sha256, variants, pack, signedBy });
  return { path, sizeBytes, model: model.id, variants, signedBy };
}

async function writeFile(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  try {
    makeFolder(dirname(path));
    return await writeWholeFile(path, pieces, signal);
  } catch (error) {
    throw asOutputFailure(error, path);
  }
}

function describe({ db, appVersion, now }: Context, model: ModelSummary, options: PackOptions): PackManifest {
  const names = new Set([fullName, ...(options.variants ?? model.variants.map(({ name }) => name))]);
  const variants = [...names].sort().map((name) => findVariant(model, name));
  return {
    format: packFormat,
    appVersion,
    createdAt: options.createdAt ?? now(),
    model: {
      id: model.id,
      name: model.name,
      sha256: model.sha256,
      source: isPath(model.source) ? '' : model.source,
      licence: model.licence,
      description: model.description,
      recipe: model.recipe as PackManifest['model']['recipe'],
    },
    variants: variants.map((variant) => describeVariant(db, model, variant)),
  };
}

/** A model that names no source has the path it was imported from, which is nobody's business elsewhere. */
function isPath(source: string): boolean {
  return isAbsolute(source) || win32.isAbsolute(source);
}

function describeVariant(db: Database, model: ModelSummary, variant: VariantRow): PackVariant {
  return {
    name: variant.name,
    model: model.sha256,
    recipe: withoutImages(variant.recipe),
    parameters: variant.parameters,
    macs: variant.macs,
    createdAt: variant.createdAt,
    networks: listNetworks(db, variant.id).map((sha256, fold) => ({
      fold,
      file: networkFile(sha256),
      sha256,
      bytes: sizeOf(db, model, sha256),
    })),
    evaluations: listPackEvaluations(db, variant.id)
      .map((evaluation) => ({ ...evaluation, image: opaqueImage(evaluation.image) }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
}

function withoutImages(recipe: VariantRecipe): PackVariant['recipe'] {
  if (recipe.kind === 'full') return recipe;
  const tuned = recipe.tuned && { ...recipe.tuned, labelMaps: recipe.tuned.labelMaps?.slice() };
  return { ...recipe, calibratedOn: recipe.calibratedOn.map(opaqueImage), tuned };
}

function sizeOf(db: Database, model: ModelSummary, sha256: string): number {
  const bytes = findBlobSize(db, sha256);
  if (bytes) return bytes;
  throw new AppFailure({ code: 'model-corrupt', model: model.id, detail: `blob ${sha256} is missing` });
}

function keyOf({ image, reference }: PackEvaluation): string {
  return `${image} ${reference}`;
}

function inMemory(name: string, bytes: Uint8Array): PackEntry {
  return { name, sizeBytes: bytes.length, load: () => Promise.resolve(bytes) };
}

function networkEntries(db: Database, { model, variants }: PackManifest): PackEntry[] {
  return networksOf(variants).map(({ file, sha256, bytes }) => ({
    name: file,
    sizeBytes: bytes,
    load: async () => {
      try {
        return await getChecked(db, sha256);
      } catch (error) {
        if (!(error instanceof BlobDamaged)) throw error;
        throw new AppFailure({ code: 'model-corrupt', model: model.id, detail: error.message });
      }
    },
  }));
}
