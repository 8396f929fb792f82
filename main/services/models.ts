import { join, resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { NetworkSource } from '../contract/engine-protocol.ts';
import type { Database } from '../db/database.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { deleteOrphanBlobs } from '../db/queries/blobs.ts';
import {
  deleteModel,
  findModel,
  findModelByHash,
  insertModel,
  insertVariant,
  listModels,
  listNetworks,
  listVariants,
  type ModelRow,
  type VariantRow,
} from '../db/queries/models.ts';
import { findModelCard, putModelCard } from '../db/queries/trainings.ts';
import { BlobDamaged, getChecked, putRaw, sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { listPackOrigins, preparePack, type PackOrigin, type PreparedPack } from './pack-import.ts';
import { isPack } from './pack-read.ts';
import { readModel, type ImportedModel, type ReadModelOptions } from './read-model.ts';
import { slug } from './slug.ts';

export interface ModelSummary extends ModelRow {
  readonly variants: readonly VariantRow[];
  /** The packs that brought it, or some of its variants. */
  readonly packs: readonly PackOrigin[];
}

/** The variant that is the imported network itself. */
export const fullVariant = 'full';

export interface ImportOptions extends ReadModelOptions {
  /** Files of public keys, of which one must have signed the pack that is imported. */
  readonly trust?: readonly string[] | undefined;
}

/** A model or pack that was read and checked, and of which nothing is stored yet. Close it when done. */
export interface PreparedImport {
  readonly model: Pick<ModelRow, 'name' | 'source' | 'licence' | 'description' | 'recipe'>;
  /** One where it is no pack. */
  readonly variants: readonly Pick<VariantRow, 'name' | 'parameters' | 'macs'>[];
  /** Of all networks together. */
  readonly sizeBytes: number;
  /** Who answers for a pack; null where it is none. */
  readonly pack: Pick<PackOrigin, 'signedBy' | 'trusted'> | null;
  /** Throws AppFailure `model-refused`; the database is then as it was. The same model twice is one row. */
  store(): ModelSummary;
  close(): Promise<void>;
}

/**
 * Reads a model (nnU-Net folder or zip, ONNX with manifest) or a pack, so that a person can see what it is before it is
 * stored. Throws AppFailure `model-refused`, `input-unreadable` (a key) or `cancelled`.
 */
export async function prepareImport(
  context: Context,
  path: string,
  { signal, trust = [], ...options }: ImportOptions = {},
): Promise<PreparedImport> {
  if (await isPack(path))
    return asPrepared(context, await preparePack(context, path, { trust, signal }), path);
  if (trust.length > 0) {
    const detail = 'it is not a pack, so that nobody has signed it';
    throw new AppFailure({ code: 'model-refused', path, detail });
  }
  const imported = await readModel(path, { ...options, signal });
  if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
  const { model: recipe, licence, description, parameters, macs, networks } = imported;
  return {
    model: { name: recipe.name, source: sourceOf(imported, path), licence, description, recipe },
    variants: [{ name: fullVariant, parameters, macs }],
    sizeBytes: networks.reduce((sum, { length }) => sum + length, 0),
    pack: null,
    // One transaction with the look-up: two programs may import the same model at the same time.
    store: () => context.db.transaction(() => storeModel(context, imported, path)).immediate(),
    close: () => Promise.resolve(),
  };
}

function asPrepared(context: Context, pack: PreparedPack, path: string): PreparedImport {
  const { model, variants } = pack.manifest;
  const sizes = new Map(
    variants.flatMap(({ networks }) => networks.map(({ sha256, bytes }) => [sha256, bytes] as const)),
  );
  return {
    model: { ...model, source: model.source || resolve(path) },
    variants,
    sizeBytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    pack,
    store: () => getModel(context.db, pack.store()),
    close: pack.close,
  };
}

function sourceOf({ source }: ImportedModel, path: string): string {
  return source || resolve(path);
}

/**
 * Reads a model and stores it with its full variant, or a pack and stores all its variants. The same model twice is one
 * row. Throws AppFailure `model-refused`, `input-unreadable` (a key) or `cancelled`; the database is then as it was.
 */
export async function importModel(
  context: Context,
  path: string,
  options: ImportOptions = {},
): Promise<ModelSummary> {
  const prepared = await prepareImport(context, path, options);
  try {
    return prepared.store();
  } finally {
    await prepared.close();
  }
}

/**
 * Stores a model with its full variant and its card; one that is known is left as it is, but for a card that it lacks. To be called in a transaction.
 *
 * @param path where it was read, for the record
 */
export function storeModel(
  { db, now }: Context,
  imported: ImportedModel,
  path: string,
  event: 'model-imported' | 'model-trained' = 'model-imported',
): ModelSummary {
  const recipe = JSON.stringify(imported.model);
  const sha256 = sha256Hex(recipe, ...imported.networks);
  const known = findModelByHash(db, sha256);
  if (known) {
    if (imported.card && !findModelCard(db, known.id)) putModelCard(db, known.id, imported.card);
    return summarize(db, known);
  }
  const id = `${slug(imported.model.name)}-${sha256.slice(0, 6)}`;
  const row: ModelRow = {
    id,
    name: imported.model.name,
    sha256,
    source: sourceOf(imported, path),
    licence: imported.licence,
    description: imported.description,
    recipe: imported.model,
    importedAt: now(),
  };
  insertModel(db, row);
  insertVariant(
    db,
    {
      id: `${id}/${fullVariant}`,
      modelId: id,
      name: fullVariant,
      recipe: { kind: 'full', precision: 'fp32' },
      parameters: imported.parameters,
      macs: imported.macs,
      costs: null,
      createdAt: row.importedAt,
    },
    imported.networks.map((network) => putRaw(db, network)),
  );
  if (imported.card) putModelCard(db, id, imported.card);
  insertAudit(db, row.importedAt, event, id, { path: resolve(path), sha256 });
  return summarize(db, row);
}

export function listModelSummaries(db: Database): ModelSummary[] {
  return listModels(db).map((row) => summarize(db, row));
}

/** Throws AppFailure `model-not-found`. */
export function getModel(db: Database, id: string): ModelSummary {
  const row = findModel(db, id);
  if (!row) throw new AppFailure({ code: 'model-not-found', model: id });
  return summarize(db, row);
}

/** A variant by its name. Throws AppFailure `model-not-found`. */
export function findVariant(model: ModelSummary, name: string): VariantRow {
  const variant = model.variants.find((each) => each.name === name);
  if (!variant) throw new AppFailure({ code: 'model-not-found', model: `${model.id}/${name}` });
  return variant;
}

/** Removes a model, its variants and their weights; results made with it stay. */
export function removeModel({ db, now }: Context, id: string): ModelSummary {
  const model = getModel(db, id);
  db.transaction(() => {
    deleteModel(db, id);
    deleteOrphanBlobs(db);
    insertAudit(db, now(), 'model-removed', id, { sha256: model.sha256 });
  }).immediate();
  return model;
}

/** The model to use where the user named none: the bundled one, imported on first use. */
export async function defaultModel(context: Context): Promise<ModelSummary> {
  return importModel(context, bundledModelFolder(context));
}

/** The folder of the model that comes with the program. */
export function bundledModelFolder({ resourcesDir }: Pick<Context, 'resourcesDir'>): string {
  return join(resourcesDir, 'models', 'ct-tissue');
}

const bundled = new WeakMap<Database, string>();

/** `defaultModel`, read from its folder only once while the program runs. */
export async function bundledModel(context: Context): Promise<ModelSummary> {
  const id = bundled.get(context.db);
  if (id !== undefined && findModel(context.db, id)) return getModel(context.db, id);
  const { inThread } = context;
  const known = inThread ? await inThread('bundled-model', null) : (await defaultModel(context)).id;
  bundled.set(context.db, known);
  return getModel(context.db, known);
}

/** A variant by its id, with its model. Throws AppFailure `model-not-found`. */
export function findVariantById(
  db: Database,
  id: string,
): { readonly model: ModelSummary; readonly variant: VariantRow } {
  const found = listModelSummaries(db).flatMap((model) =>
    model.variants.filter((variant) => variant.id === id).map((variant) => ({ model, variant })),
  )[0];
  if (!found) throw new AppFailure({ code: 'model-not-found', model: id });
  return found;
}

/** Where an engine reads the ONNX files of a variant, one a fold. Throws AppFailure `model-not-found`. */
export function networkSources(db: Database, variant: VariantRow): NetworkSource[] {
  const { modelId: model } = variant;
  const hashes = listNetworks(db, variant.id);
  if (hashes.length === 0) throw new AppFailure({ code: 'model-not-found', model });
  const database = resolve(db.name);
  return hashes.map((sha256) => ({ database, sha256, model }));
}

/** The ONNX files of a variant, one a fold, each checked against its SHA-256. Throws AppFailure `model-corrupt`, `model-not-found`. */
export async function loadNetworks(db: Database, variant: VariantRow): Promise<Uint8Array[]> {
  const hashes = listNetworks(db, variant.id);
  if (hashes.length === 0) throw new AppFailure({ code: 'model-not-found', model: variant.modelId });
  try {
    return await Promise.all(hashes.map((sha256) => getChecked(db, sha256)));
  } catch (error) {
    if (!(error instanceof BlobDamaged)) throw error;
    throw new AppFailure({ code: 'model-corrupt', model: variant.modelId, detail: error.message });
  }
}

function summarize(db: Database, row: ModelRow): ModelSummary {
  return {
    ...row,
    variants: listVariants(db, row.id),
    packs: listPackOrigins(db, row.id, row.importedAt),
  };
}
