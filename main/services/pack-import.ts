import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import { checkNetwork } from '../core/model/check-network.ts';
import { readOnnx } from '../core/onnx/onnx-file.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import { PackFormatError } from '../core/pack/pack-format-error.ts';
import {
  fullName,
  networksOf,
  type PackManifest,
  type PackNetwork,
  type PackVariant,
} from '../core/pack/pack-manifest.ts';
import type { Database } from '../db/database.ts';
import { insertAudit, listAudit } from '../db/queries/audit.ts';
import {
  findModel,
  findModelByHash,
  insertModel,
  insertVariant,
  listNetworks,
  listVariants,
} from '../db/queries/models.ts';
import { insertPackEvaluation, listPackEvaluations } from '../db/queries/pack-evaluations.ts';
import { putRaw, sha256Hex } from './blob-store.ts';
import type { Context } from './context.ts';
import { opaqueImage } from './opaque-image.ts';
import { checkSignature, readFingerprint } from './pack-keys.ts';
import { openPack, type OpenPack } from './pack-read.ts';

export interface PackImportOptions {
  /** Files of public keys, of which one must have signed the pack; with none, any pack is taken. */
  readonly trust?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A pack that (a part of) a model came with. */
export interface PackOrigin {
  readonly importedAt: string;
  readonly path: string;
  readonly packedAt: string;
  readonly packedWith: string;
  readonly variants: readonly string[];
  /** Fingerprint of the key that signed it, null where none did. */
  readonly signedBy: string | null;
  /** Whether that key was one that the importer trusts. */
  readonly trusted: boolean;
}

/** A pack that was checked whole, and of which nothing is stored yet. Close it when done. */
export interface PreparedPack {
  readonly manifest: PackManifest;
  readonly signedBy: string | null;
  readonly trusted: boolean;
  /** Stores its model and variants, all or nothing; returns the model's id. Throws AppFailure `model-refused`. */
  store(): string;
  close(): Promise<void>;
}

/**
 * Opens a pack and checks all of it. Throws AppFailure `model-refused`, `input-unreadable` (a key) or `cancelled`.
 */
export async function preparePack(
  context: Context,
  path: string,
  options: PackImportOptions,
): Promise<PreparedPack> {
  const keys = (options.trust ?? []).map(readFingerprint);
  const trusted = keys.length > 0;
  let pack: OpenPack | null = null;
  try {
    pack = await openPack(path);
    const signedBy = checkSigner(pack, keys);
    await checkNetworks(pack, options.signal);
    return prepared(context, pack, { path: resolve(path), signedBy, trusted });
  } catch (error) {
    await pack?.close();
    throw asRefusal(error, path);
  }
}

function prepared(context: Context, pack: OpenPack, arrival: Arrival): PreparedPack {
  const { signedBy, trusted } = arrival;
  return {
    manifest: pack.manifest,
    signedBy,
    trusted,
    store: () => {
      try {
        return storePack(context, pack, arrival);
      } catch (error) {
        throw asRefusal(error, arrival.path);
      }
    },
    close: () => pack.close(),
  };
}

/** Where a model came from, besides what it says itself: the packs that brought it or some of its variants. */
export function listPackOrigins(db: Database, modelId: string, since: string): PackOrigin[] {
  return listAudit(db, 'pack-imported', modelId, since).map(({ at, detail }) => {
    const { sha256: _, pack: __, ...origin } = detail;
    return { importedAt: at, ...origin } as unknown as PackOrigin;
  });
}

/** The fingerprint of the key that signed the pack, null for none. Throws PackFormatError. */
function checkSigner({ signature, manifestBytes }: OpenPack, trusted: readonly string[]): string | null {
  if (signature) checkSignature(signature, manifestBytes);
  if (trusted.length > 0 && !signature)
    throw new PackFormatError('it is not signed, and a trusted key was asked for');
  if (trusted.length > 0 && signature && !trusted.includes(signature.fingerprint))
    throw new PackFormatError(`it is signed by ${signature.fingerprint}, which is not a trusted key`);
  return signature?.fingerprint ?? null;
}

/** Checks every network, one in memory at a time. Throws PackFormatError, OnnxFormatError, or AppFailure `cancelled`. */
async function checkNetworks(pack: OpenPack, signal: AbortSignal | undefined): Promise<void> {
  const { model, variants } = pack.manifest;
  const read = async (network: PackNetwork): Promise<Uint8Array> => {
    // Lets a signal arrive between two networks.
    await new Promise(setImmediate);
    if (signal?.aborted) throw new AppFailure({ code: 'cancelled' });
    const bytes = pack.readNetwork(network);
    checkFits(network, bytes, pack.manifest);
    return bytes;
  };
  const full = variants.find(({ name }) => name === fullName)?.networks ?? [];
  // As `importModel` makes it.
  const identity = createHash('sha256').update(JSON.stringify(model.recipe));
  for (const network of full) identity.update(await read(network));
  if (identity.digest('hex') !== model.sha256)
    throw new PackFormatError('its model does not have the hash that the manifest says: it is another model');
  const checked = new Set(full.map(({ sha256 }) => sha256));
  for (const network of networksOf(variants)) {
    if (!checked.has(network.sha256)) await read(network);
  }
}

function checkFits(
  { file, sha256 }: PackNetwork,
  bytes: Uint8Array,
  { model, variants }: PackManifest,
): void {
  const { channels, decision, patch } = model.recipe;
  try {
    checkNetwork(readOnnx(bytes), { channels: channels.length, classes: decision.values.length, patch });
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    const owner = variants.find(({ networks }) => networks.some((network) => network.sha256 === sha256));
    throw new PackFormatError(`${file} of variant ${owner?.name ?? ''}: ${error.message}`);
  }
}

interface Arrival {
  readonly path: string;
  readonly signedBy: string | null;
  readonly trusted: boolean;
}

function storePack({ db, now, newId }: Context, pack: OpenPack, arrival: Arrival): string {
  const { model, variants, appVersion, createdAt } = pack.manifest;
  const at = now();
  const store = (): string => {
    const id = storeModel(db, model, at, arrival.path);
    for (const variant of variants) storeVariant(db, id, variant, pack, newId);
    insertAudit(db, at, 'pack-imported', id, {
      ...arrival,
      sha256: model.sha256,
      pack: sha256Hex(pack.manifestBytes),
      packedAt: createdAt,
      packedWith: appVersion,
      variants: variants.map(({ name }) => name),
    });
    return id;
  };
  return db.transaction(store).immediate();
}

function storeModel(db: Database, model: PackManifest['model'], importedAt: string, path: string): string {
  const known = findModelByHash(db, model.sha256);
  if (known) return known.id;
  if (findModel(db, model.id)) throw new PackFormatError(`there is another model called ${model.id} already`);
  insertModel(db, { ...model, source: model.source || path, importedAt });
  return model.id;
}

function storeVariant(
  db: Database,
  modelId: string,
  variant: PackVariant,
  pack: OpenPack,
  newId: () => string,
): void {
  const { evaluations, networks, name, recipe, parameters, macs, createdAt } = variant;
  const hashes = networks.map(({ sha256 }) => sha256);
  const known = listVariants(db, modelId).find((each) => each.name === name);
  const id = known?.id ?? `${modelId}/${name}`;
  if (!known) {
    const row = { id, modelId, name, recipe, parameters, macs, costs: null, createdAt };
    for (const network of networks) putRaw(db, pack.readNetwork(network));
    insertVariant(db, row, hashes);
  } else if (listNetworks(db, id).join() !== hashes.join()) {
    throw new PackFormatError(
      `there is another variant ${name} of ${modelId} already; remove that model first`,
    );
  }
  const compared = new Set(
    listPackEvaluations(db, id).map(({ image, reference }) => opaqueImage(image) + reference),
  );
  for (const evaluation of evaluations) {
    if (compared.has(evaluation.image + evaluation.reference)) continue;
    const imageName = `image ${evaluation.image.slice('sha256:'.length, 'sha256:'.length + 8)} of a pack`;
    insertPackEvaluation(db, { id: newId(), variantId: id, imageName }, evaluation);
  }
}

function asRefusal(error: unknown, path: string): unknown {
  if (error instanceof PackFormatError)
    return new AppFailure({ code: 'model-refused', path, detail: error.message });
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Only the pack is read by file calls here; the database speaks for itself.
  if (!code || !syscall) return error;
  return new AppFailure({ code: 'model-refused', path, detail: code });
}
