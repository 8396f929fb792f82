import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { StoredBlob } from '../../contract/stored-blob.ts';

/** Stores a blob under the hash of its decoded bytes. One of that name that was damaged since is whole again then. */
export function insertBlob(db: Database, blob: StoredBlob): void {
  db.prepare(
    `INSERT INTO blobs (sha256, size_bytes, encoding, data) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET size_bytes = excluded.size_bytes, encoding = excluded.encoding, data = excluded.data
       WHERE data IS NOT excluded.data`,
  ).run(blob.sha256, blob.sizeBytes, blob.encoding, blob.data);
}

export function findBlob(db: Database, sha256: string): StoredBlob | undefined {
  return db
    .prepare<[string], StoredBlob>(
      `SELECT sha256, size_bytes AS sizeBytes, encoding, data FROM blobs WHERE sha256 = ?`,
    )
    .get(sha256);
}

/** Bytes of a blob when decoded. */
export function findBlobSize(db: Database, sha256: string): number | undefined {
  const row = db
    .prepare<[string], { sizeBytes: number }>(`SELECT size_bytes AS sizeBytes FROM blobs WHERE sha256 = ?`)
    .get(sha256);
  return row?.sizeBytes;
}

/** Removes the blobs that no network and no result points to; returns how many. */
export function deleteOrphanBlobs(db: Database): number {
  return db
    .prepare(
      `DELETE FROM blobs
       WHERE sha256 NOT IN (SELECT sha256 FROM variant_networks) AND sha256 NOT IN (SELECT labelmap FROM results)`,
    )
    .run().changes;
}
