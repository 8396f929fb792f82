/** Bytes as the database holds them, under the hash of what they decode to. */
export interface StoredBlob {
  readonly sha256: string;
  /** Of the decoded bytes. */
  readonly sizeBytes: number;
  readonly encoding: 'raw' | 'gzip';
  readonly data: Uint8Array;
}
