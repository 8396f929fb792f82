import { createHash } from 'node:crypto';
import { openSqlite } from '../../native/sqlite/open-sqlite.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { NetworkSource, SegmentRequest } from '../contract/engine-protocol.ts';

/** A request whose networks have been read. */
export type ReadRequest = Omit<SegmentRequest, 'networks'> & { readonly networks: readonly Uint8Array[] };

/**
 * The ONNX file of a network: as it was sent, or read from the database, where it is checked against its SHA-256. Throws
 * AppFailure `model-corrupt`.
 */
export function readNetwork(source: NetworkSource): Uint8Array {
  if (source instanceof Uint8Array) return source;
  const { database, sha256, model } = source;
  const corrupt = (detail: string) => new AppFailure({ code: 'model-corrupt', model, detail });
  const db = openSqlite(database, { readonly: true });
  try {
    const data = db
      .prepare<[string], Uint8Array>(`SELECT data FROM blobs WHERE sha256 = ?`)
      .pluck()
      .get(sha256);
    if (!data) throw corrupt(`blob ${sha256} is missing`);
    const actual = createHash('sha256').update(data).digest('hex');
    if (actual !== sha256) throw corrupt(`blob ${sha256} does not have its SHA-256`);
    return data;
  } finally {
    db.close();
  }
}
