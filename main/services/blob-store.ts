import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { StoredBlob } from '../contract/stored-blob.ts';
import type { Database } from '../db/database.ts';
import { findBlob, findBlobSize, insertBlob } from '../db/queries/blobs.ts';
import type { Context } from './context.ts';

const gunzipAsync = promisify(gunzip);
/** Labelmaps grow a hundredfold: by zlib's own 16 KiB a piece they take nearly twice as long. */
const chunkSize = 1 << 20;

export function sha256Hex(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** About 5 ms of hashing, whatever the processor. */
const hashedAtOnce = 1 << 21;

/** As `sha256Hex`, in pieces between which a window's events come through. */
async function sha256Slowly(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashedAtOnce) {
    if (at > 0) await setImmediate();
    hash.update(bytes.subarray(at, at + hashedAtOnce));
  }
  return hash.digest('hex');
}

/** Stores bytes as they are; returns their SHA-256. */
export function putRaw(db: Database, bytes: Uint8Array): string {
  const sha256 = sha256Hex(bytes);
  insertBlob(db, { sha256, sizeBytes: bytes.byteLength, encoding: 'raw', data: bytes });
  return sha256;
}

/**
 * Writes a blob ahead of the transaction that names it, beside the window; nothing where there is no thread. As many
 * megabytes within the transaction would keep the main process waiting for the disk.
 */
export async function storeAhead({ inThread }: Pick<Context, 'inThread'>, blob: StoredBlob): Promise<void> {
  await inThread?.('store-blob', blob);
}

/** Within a transaction: stores what was not stored ahead, or was taken away since because nothing named it. */
export function putBlob(db: Database, { inThread }: Pick<Context, 'inThread'>, blob: StoredBlob): void {
  // Only who stored it ahead knows that what is there is whole.
  if (!inThread || findBlobSize(db, blob.sha256) === undefined) insertBlob(db, blob);
}

/** A stored blob whose hash does not fit its name, or that is missing. */
export class BlobDamaged extends Error {}

/**
 * A blob as it is stored (raw or gzip), after its decoded bytes were checked against its hash.
 * Throws BlobDamaged.
 */
export async function getChecked(db: Database, sha256: string): Promise<Uint8Array> {
  const blob = findBlob(db, sha256);
  if (!blob) throw new BlobDamaged(`blob ${sha256} is missing`);
  let bytes: Uint8Array;
  try {
    bytes =
      blob.encoding === 'gzip'
        ? await gunzipAsync(blob.data, { chunkSize, maxOutputLength: blob.sizeBytes })
        : blob.data;
  } catch (error) {
    throw new BlobDamaged(`blob ${sha256} cannot be decompressed (${(error as Error).message})`);
  }
  if ((await sha256Slowly(bytes)) !== sha256)
    throw new BlobDamaged(`blob ${sha256} does not have its SHA-256`);
  return blob.data;
}
